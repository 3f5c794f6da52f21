#pragma once

#include <QImage>
#include <QObject>
#include <functional>
#include <memory>

namespace driftscope::image {

/// Pictures made one by one on a worker thread when a view needs them, newest request first, kept up to a budget.
/// The source runs on the worker thread: it must not touch widgets. A null picture means there is none.
class LazyImages : public QObject {
    Q_OBJECT
  public:
    using Source = std::function<QImage(int index)>;

    explicit LazyImages(QObject* parent = nullptr);
    ~LazyImages() override;

    /// Forgets all pictures and requests; `source` may be empty.
    void setSource(Source source);
    void setBudget(std::size_t bytes);

    enum class Status { Pending, Ready, Missing };
    /// Pending: ready(index) follows. Ready: `image` is set. Missing: the source had none.
    Status request(int index, QImage* image);
    /// Drops requests that nobody waits for any more: call before requesting what is visible now.
    void forgetRequests();
    /// How many pictures were made so far.
    int made() const;

  Q_SIGNALS:
    void ready(int index);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace driftscope::image
