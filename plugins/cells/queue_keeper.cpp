#include "plugins/cells/queue_keeper.h"

#include <QMetaObject>
#include <utility>

#include "plugins/cells/predictor.h"

namespace driftscope::cells {
namespace {

constexpr std::size_t kLength = 24;
constexpr std::size_t kWide = 200;         // columns above which fewer rows are looked at
constexpr std::size_t kSampleOfWide = 600;

/// Where distances mean something: principal components, else the projection head's output, else the features themselves.
const Matrix* coordinates(const EmbeddingTable& table) {
    for (const char* name : {"X_pca", "X_projections"})
        if (const Matrix* matrix = table.matrix(name)) return matrix;
    if (table.x.columns > 0) return &table.x;
    return table.matrix("X_umap");
}

}  // namespace

QueueKeeper::QueueKeeper(QObject* parent) : QObject(parent) {
    pool_.setMaxThreadCount(1);
}

QueueKeeper::~QueueKeeper() {
    pool_.waitForDone();
}

void QueueKeeper::setData(std::shared_ptr<const CellsData> data) {
    data_ = std::move(data);
    auto tracks = std::make_shared<std::vector<std::uint32_t>>();
    for (std::uint32_t row = 0; data_ && row < data_->rows(); ++row) tracks->push_back(data_->trackOf(row));
    tracks_ = std::move(tracks);
    next_.reset();
    ++generation_;
    items_.clear();
    Q_EMIT changed();
}

void QueueKeeper::refresh(std::vector<int> labels, std::shared_ptr<const Predictions> predictions) {
    if (!data_ || !coordinates(data_->table()) || labels.size() != data_->rows()) return;
    auto request = std::make_shared<Request>(Request{data_, tracks_, std::move(labels), std::move(predictions)});
    if (busy_)
        next_ = std::move(request);
    else
        launch(std::move(request));
}

void QueueKeeper::launch(std::shared_ptr<const Request> request) {
    busy_ = true;
    const std::uint64_t generation = ++generation_;
    // The destructor waits for the pool, so `this` outlives the worker; the delivery itself is queued to the GUI thread.
    pool_.start([this, request = std::move(request), generation] {
        const Matrix* features = coordinates(request->data->table());
        const bool predicted = request->predictions && request->predictions->probabilities.rows == request->data->rows();
        const embed::QueueInput input{features, request->labels, *request->tracks, predicted ? &request->predictions->probabilities : nullptr};
        embed::QueueOptions options{.count = kLength};
        if (features->columns > kWide) options.sample = kSampleOfWide;
        auto items = embed::nextToLabel(input, options);
        QMetaObject::invokeMethod(this, [this, generation, items = std::move(items)]() mutable { deliver(generation, std::move(items)); }, Qt::QueuedConnection);
    });
}

void QueueKeeper::deliver(std::uint64_t generation, std::vector<embed::QueueItem> items) {
    busy_ = false;
    if (generation == generation_) {
        items_ = std::move(items);
        Q_EMIT changed();
    }
    if (auto next = std::exchange(next_, nullptr)) launch(std::move(next));
}

}  // namespace driftscope::cells
