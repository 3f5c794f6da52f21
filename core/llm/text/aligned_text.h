#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/llm/text/encoding.h"

namespace driftscope::llm {

/// A piece of the user's text on its way through normalisers. Every byte still knows which bytes it came from, unless
/// nobody asked for spans.
class AlignedText {
  public:
    /// `base` is where `text` starts in the user's text.
    AlignedText(std::string_view text, std::uint32_t base, bool tracked);

    std::string_view text() const { return changed_ ? std::string_view(own_) : given_; }
    bool tracked() const { return tracked_; }
    bool startsText() const { return startsText_; }
    /// The bytes [begin, end) of text() as a text of its own.
    AlignedText slice(std::size_t begin, std::size_t end) const;

    /// The user's bytes behind the bytes [begin, end) of text(), widened to whole characters of the user's text.
    TextSpan origin(std::size_t begin, std::size_t end) const;

    /// Builds the successor of an AlignedText: append() what follows from [begin, end) of the old text, in order.
    class Rewrite {
      public:
        explicit Rewrite(const AlignedText& old);
        /// These old bytes become `text`; each new byte stands for all of them.
        void replace(std::size_t begin, std::size_t end, std::string_view text);
        /// The old bytes stay, byte for byte.
        void keep(std::size_t begin, std::size_t end);
        /// Text that stands for nothing in the old text, inserted before old byte `at`.
        void insert(std::size_t at, std::string_view text);
        void applyTo(AlignedText& target) &&;

      private:
        const AlignedText& old_;
        std::string text_;
        std::vector<TextSpan> spans_;
    };

  private:
    TextSpan spanOf(std::size_t byte) const;
    std::string_view given_;
    std::string own_;
    std::vector<TextSpan> spans_;  ///< one per byte of own_, when changed and tracked
    std::uint32_t base_;
    bool tracked_;
    bool changed_ = false;
    bool startsText_;
};

}  // namespace driftscope::llm
