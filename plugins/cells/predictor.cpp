#include "plugins/cells/predictor.h"

#include <QElapsedTimer>
#include <QMetaObject>
#include <QPointer>
#include <algorithm>
#include <limits>
#include <set>

#include "core/embed/fast_probe.h"
#include "plugins/cells/label_model.h"

namespace driftscope::cells {
namespace {

constexpr int kCoalesceMs = 15;

/// Rows of the table that have features, packed.
Matrix embeddedFeatures(const CellsData& data, const std::vector<std::uint32_t>& rows) {
    const Matrix& x = data.table().x;
    Matrix packed(rows.size(), x.columns);
    for (std::size_t i = 0; i < rows.size(); ++i) std::ranges::copy(x.row(rows[i]), packed.row(i).begin());
    return packed;
}

}  // namespace

/// Everything a worker needs, by value: it never touches GUI objects.
struct Predictor::Request {
    std::shared_ptr<const CellsData> data;
    std::shared_ptr<embed::FastProbe> probe;
    std::vector<std::uint32_t> embeddedRows;
    std::vector<std::uint32_t> trainRows;  ///< positions within embeddedRows
    std::vector<int> trainClasses;
    std::size_t classes = 0;

    Result<std::shared_ptr<const Predictions>> run() {
        if (!probe) {
            DS_ASSIGN(probe, embed::FastProbe::make(embeddedFeatures(*data, embeddedRows)));
        }
        DS_TRY(probe->fit(trainRows, trainClasses, classes));
        const Matrix scores = probe->scores();
        auto out = std::make_shared<Predictions>();
        out->trainedOn = trainRows.size();
        out->classes = classes;
        out->best.assign(data->rows(), -1);
        out->probabilities = Matrix(data->rows(), classes);
        std::ranges::fill(out->probabilities.values, std::numeric_limits<float>::quiet_NaN());
        for (std::size_t i = 0; i < embeddedRows.size(); ++i) {
            const auto row = scores.row(i);
            std::ranges::copy(row, out->probabilities.row(embeddedRows[i]).begin());
            out->best[embeddedRows[i]] = static_cast<int>(std::ranges::max_element(row) - row.begin());
        }
        return out;
    }
};

Predictor::Predictor(LabelModel& labels, QObject* parent) : QObject(parent), labels_(labels) {
    pool_.setMaxThreadCount(1);
    coalesce_.setSingleShot(true);
    coalesce_.setInterval(kCoalesceMs);
    connect(&coalesce_, &QTimer::timeout, this, &Predictor::refit);
    connect(&labels_, &LabelModel::labelsChanged, this, [this] { coalesce_.start(); });
}

Predictor::~Predictor() {
    ++generation_;
    pool_.waitForDone();
}

void Predictor::setData(std::shared_ptr<const CellsData> data) {
    ++generation_;
    data_ = std::move(data);
    probe_.reset();
    predictions_.reset();
    embeddedRows_.clear();
    if (data_ && data_->table().x.columns > 0)
        for (std::uint32_t row = 0; row < data_->rows(); ++row)
            if (data_->hasEmbedding(row)) embeddedRows_.push_back(row);
    Q_EMIT changed();
    coalesce_.start();
}

void Predictor::refit() {
    if (busy_) {
        again_ = true;  // the newest labels win; the result under way is for older ones
        return;
    }
    std::set<int> classes;
    for (std::uint32_t row : embeddedRows_)
        if (labels_.label(row) >= 0) classes.insert(labels_.label(row));
    if (classes.size() < 2 || !labels_.schema()) {
        if (predictions_) {
            predictions_.reset();
            Q_EMIT changed();
        }
        return;
    }
    launch();
}

void Predictor::launch() {
    auto request = std::make_shared<Request>();
    request->data = data_;
    request->probe = probe_;
    request->embeddedRows = embeddedRows_;
    request->classes = labels_.schema()->classes.size();
    for (std::uint32_t i = 0; i < embeddedRows_.size(); ++i) {
        if (labels_.label(embeddedRows_[i]) < 0) continue;
        request->trainRows.push_back(i);
        request->trainClasses.push_back(labels_.label(embeddedRows_[i]));
    }
    busy_ = true;
    const std::uint64_t generation = ++generation_;
    // The destructor waits for the pool, so `this` outlives the worker; the delivery itself is queued to the GUI thread.
    pool_.start([this, request, generation] {
        QElapsedTimer timer;
        timer.start();
        auto result = request->run();
        const double milliseconds = static_cast<double>(timer.nsecsElapsed()) * 1e-6;
        QMetaObject::invokeMethod(
            this,
            [this, generation, result = std::move(result), milliseconds, probe = request->probe, data = request->data] {
                if (data == data_) probe_ = probe;
                deliver(generation, result, milliseconds);
            },
            Qt::QueuedConnection);
    });
}

void Predictor::deliver(std::uint64_t generation, Result<std::shared_ptr<const Predictions>> result, double milliseconds) {
    busy_ = false;
    if (generation == generation_) {
        lastMilliseconds_ = milliseconds;
        if (result) {
            predictions_ = std::move(*result);
            Q_EMIT changed();
        } else {
            Q_EMIT failed(QString::fromStdString(result.error().text()));
        }
    }
    if (std::exchange(again_, false)) refit();
}

}  // namespace driftscope::cells
