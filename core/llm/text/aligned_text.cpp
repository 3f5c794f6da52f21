#include "core/llm/text/aligned_text.h"

#include <algorithm>

namespace driftscope::llm {
namespace {

bool continues(char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

}  // namespace

AlignedText::AlignedText(std::string_view text, std::uint32_t base, bool tracked)
    : given_(text), base_(base), tracked_(tracked), startsText_(base == 0) {}

TextSpan AlignedText::spanOf(std::size_t byte) const {
    if (changed_) return spans_[byte];
    const auto at = static_cast<std::uint32_t>(byte);
    return {at, at + 1};
}

TextSpan AlignedText::origin(std::size_t begin, std::size_t end) const {
    if (!tracked_ || begin >= end) return {base_, base_};
    TextSpan whole = spanOf(begin);
    if (changed_) {
        for (std::size_t i = begin; i < end; ++i) {
            const TextSpan one = spans_[i];
            if (one.begin == one.end) continue;  // inserted: stands for nothing
            whole = whole.begin == whole.end ? one : TextSpan{std::min(whole.begin, one.begin), std::max(whole.end, one.end)};
        }
    } else {
        whole.end = static_cast<std::uint32_t>(end);
    }
    if (whole.begin != whole.end) {
        while (whole.begin > 0 && continues(given_[whole.begin])) --whole.begin;
        while (whole.end < given_.size() && continues(given_[whole.end])) ++whole.end;
    }
    return {base_ + whole.begin, base_ + whole.end};
}

AlignedText AlignedText::slice(std::size_t begin, std::size_t end) const {
    if (!changed_) return AlignedText(given_.substr(begin, end - begin), base_ + static_cast<std::uint32_t>(begin), tracked_);
    AlignedText part(given_, base_, tracked_);
    part.own_ = own_.substr(begin, end - begin);
    if (tracked_)
        part.spans_.assign(spans_.begin() + static_cast<std::ptrdiff_t>(begin), spans_.begin() + static_cast<std::ptrdiff_t>(end));
    part.changed_ = true;
    part.startsText_ = startsText_ && begin == 0;
    return part;
}

AlignedText::Rewrite::Rewrite(const AlignedText& old) : old_(old) {
    text_.reserve(old.text().size() + 16);
    if (old.tracked_) spans_.reserve(old.text().size() + 16);
}

void AlignedText::Rewrite::replace(std::size_t begin, std::size_t end, std::string_view text) {
    text_.append(text);
    if (!old_.tracked_) return;
    TextSpan whole = begin < end ? TextSpan{old_.spanOf(begin).begin, old_.spanOf(end - 1).end} : TextSpan{};
    spans_.insert(spans_.end(), text.size(), whole);
}

void AlignedText::Rewrite::keep(std::size_t begin, std::size_t end) {
    text_.append(old_.text().substr(begin, end - begin));
    if (!old_.tracked_) return;
    for (std::size_t i = begin; i < end; ++i) spans_.push_back(old_.spanOf(i));
}

void AlignedText::Rewrite::insert(std::size_t at, std::string_view text) {
    text_.append(text);
    if (!old_.tracked_) return;
    const std::uint32_t place = at < old_.text().size() ? old_.spanOf(at).begin : at > 0 ? old_.spanOf(at - 1).end : 0;
    spans_.insert(spans_.end(), text.size(), TextSpan{place, place});
}

void AlignedText::Rewrite::applyTo(AlignedText& target) && {
    target.own_ = std::move(text_);
    target.spans_ = std::move(spans_);
    target.changed_ = true;
}

}  // namespace driftscope::llm
