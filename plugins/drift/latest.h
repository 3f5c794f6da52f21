#pragma once

#include <QObject>
#include <QThreadPool>
#include <functional>
#include <memory>
#include <stop_token>

#include "core/base/error.h"

namespace driftscope::drift {

/// Runs computations on a thread of their own, one at a time; a newer one stops the older, whose result is dropped. For the
/// GUI thread.
template <class T>
class Latest {
  public:
    explicit Latest(QObject* owner) : owner_(owner) { pool_.setMaxThreadCount(1); }
    ~Latest() { stop(), pool_.waitForDone(); }
    Latest(const Latest&) = delete;
    Latest& operator=(const Latest&) = delete;

    bool busy() const { return busy_; }
    /// `done` is called on the GUI thread, unless something newer came meanwhile.
    void run(std::function<Result<T>(std::stop_token)> work, std::function<void(Result<T>)> done) {
        stop();
        source_ = std::stop_source();
        busy_ = true;
        pool_.start([this, token = source_.get_token(), work = std::move(work), done = std::move(done)] {
            if (token.stop_requested()) return;
            auto result = std::make_shared<Result<T>>(work(token));
            QMetaObject::invokeMethod(owner_, [this, token, result, done] {
                if (token.stop_requested()) return;
                busy_ = false;
                done(std::move(*result));
            }, Qt::QueuedConnection);
        });
    }
    /// Nothing that runs now will be heard of.
    void stop() {
        source_.request_stop();
        busy_ = false;
    }

  private:
    QObject* owner_;
    QThreadPool pool_;
    std::stop_source source_;
    bool busy_ = false;
};

}  // namespace driftscope::drift
