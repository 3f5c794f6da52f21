#include "plugins/topics/space_view.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QJsonObject>
#include <QLabel>
#include <QSignalBlocker>
#include <QVBoxLayout>
#include <cmath>

#include "core/embed/neighbors.h"
#include "core/embed/pca.h"
#include "core/embed/umap.h"
#include "core/embed/workers.h"
#include "plugins/api/panel_plugin.h"
#include "plugins/topics/comparison.h"
#include "plugins/topics/picture_view.h"
#include "plugins/topics/topic_labels.h"
#include "plugins/topics/workspace.h"
#include "widgets/session/selection_hub.h"
#include "widgets/space/embedding_view_2d.h"
#include "widgets/style/palette.h"

namespace driftscope::topics {
namespace {

constexpr std::size_t kNeighbours = 15;
constexpr std::size_t kLeastForUmap = 8;

/// Square roots of the shares: Euclidean distances become Hellinger distances (times sqrt 2).
Matrix rooted(const Matrix& shares) {
    Matrix out = shares;
    for (float& value : out.values) value = std::sqrt(std::max(value, 0.0f));
    return out;
}

Result<Matrix> project(Matrix features, bool umap, std::stop_token stop) {
    features = rooted(features);
    const embed::Monitor monitor{stop, {}};
    if (!umap || features.rows < kLeastForUmap) {
        if (features.rows < 2) return Matrix(features.rows, 2);
        embed::PcaOptions options;
        options.components = std::min<std::size_t>({2, features.rows, features.columns});
        DS_ASSIGN(const embed::Pca pca, embed::Pca::fit(features, options, monitor));
        const Matrix scores = pca.transform(features);
        if (scores.columns == 2) return scores;
        Matrix out(scores.rows, 2);
        for (std::size_t r = 0; r < scores.rows; ++r) out(r, 0) = scores(r, 0);
        return out;
    }
    embed::Workers workers(1);
    embed::UmapOptions options;
    options.neighbors = std::min(kNeighbours, features.rows - 1);
    embed::NeighborOptions search;
    search.k = options.neighbors;
    DS_ASSIGN(const embed::NeighborTable table, embed::findNeighbors(features, search, workers, monitor));
    return embed::umap(features, table, options, workers, monitor);
}

}  // namespace

SpaceView::SpaceView(Workspace& workspace, TopicLabels& labels, Comparison& comparison, QWidget* parent)
    : QWidget(parent), workspace_(workspace), labels_(labels), comparison_(comparison), what_(new QComboBox), how_(new QComboBox), colour_(new QComboBox), note_(new QLabel), map_(new EmbeddingView2D) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(8, 8, 8, 4);
    auto* row = new QHBoxLayout;
    what_->addItem(tr("Documents by their topics (θ)"), Documents);
    what_->addItem(tr("Topics of this run by their words (β)"), Topics);
    what_->addItem(tr("Topics of all compared runs (β)"), AllTopics);
    what_->setObjectName(QStringLiteral("topicSpaceWhat"));
    what_->setAccessibleName(tr("What the points are"));
    how_->addItem(tr("UMAP"), Umap);
    how_->addItem(tr("principal components"), Pca);
    how_->setAccessibleName(tr("Projection"));
    how_->setToolTip(tr("Of square roots of the shares, so that distances are Hellinger's"));
    colour_->setAccessibleName(tr("Colour by"));
    colour_->setObjectName(QStringLiteral("topicSpaceColour"));
    for (QComboBox* box : {what_, how_, colour_}) box->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    row->addWidget(what_);
    row->addWidget(how_);
    row->addWidget(new QLabel(tr("colour:")));
    row->addWidget(colour_);
    note_->setForegroundRole(QPalette::PlaceholderText);
    row->addWidget(note_, 1);
    column->addLayout(row);
    map_->setObjectName(QStringLiteral("topicSpace"));
    map_->setEmptyText(tr("Points appear here when a run is open."));
    column->addWidget(map_, 1);
    map_->setHoverContent({}, [this](std::uint32_t point) { return describe(point); });
    connect(what_, &QComboBox::currentIndexChanged, this, &SpaceView::request);
    connect(how_, &QComboBox::currentIndexChanged, this, &SpaceView::request);
    connect(colour_, &QComboBox::currentIndexChanged, this, &SpaceView::showColours);
    connect(&workspace_, &Workspace::runChanged, this, &SpaceView::request);
    connect(&comparison_, &Comparison::changed, this, [this] {
        if (what() == AllTopics) request();
    });
    connect(&labels_, &TopicLabels::changed, this, &SpaceView::showColours);
    connect(&workspace_, &Workspace::selectionChanged, this, &SpaceView::follow);
    connect(map_, &EmbeddingView2D::selectionRequested, this, [this](const IdSet& ids, Qt::KeyboardModifiers modifiers) {
        const IdSet wanted = EmbeddingView2D::combined(map_->selection(), ids, modifiers);
        if (shown_ == Documents)
            workspace_.selectDocuments(wanted);
        else if (shown_ == Topics)
            workspace_.selectTopic(wanted.size() == 1 ? std::optional(wanted.ids().front()) : std::nullopt);
        map_->setSelection(wanted);
    });
    connect(map_, &EmbeddingView2D::hovered, this, [this](std::optional<std::uint32_t> point) {
        if (!workspace_.run() || shown_ == AllTopics) return;
        workspace_.hoverTopic(!point ? std::nullopt : shown_ == Topics ? point : std::optional(workspace_.run()->hard[*point]));
    });
}

SpaceView::~SpaceView() {
    stop_.request_stop();
}

SpaceView::What SpaceView::what() const {
    return static_cast<What>(what_->currentData().toInt());
}

void SpaceView::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    if (stale_) request();
}

void SpaceView::request() {
    stop_.request_stop();
    stop_ = std::stop_source();
    const std::uint64_t generation = ++generation_;
    stale_ = true;
    if (!isVisible()) return;  // it takes a while: only when somebody looks
    stale_ = false;
    const What wanted = what();
    const auto run = workspace_.run();
    const auto compared = comparison_.result();
    points_.clear();
    if (!run || (wanted == AllTopics && !compared)) {
        map_->setPoints({}, {});
        map_->setEmptyText(run ? tr("Tick two runs or more in the Runs tab to see their topics together.") : tr("Points appear here when a run is open."));
        note_->clear();
        return;
    }
    Matrix features = wanted == Documents ? run->run.theta : wanted == Topics ? run->run.beta : Matrix();
    if (wanted == AllTopics) {
        std::size_t rows = 0;
        for (const ComparedRun& one : compared->runs) rows += one.run->topics();
        features = Matrix(rows, compared->runs.front().run->beta.columns);
        std::size_t at = 0;
        for (std::size_t r = 0; r < compared->runs.size(); ++r)
            for (std::uint32_t k = 0; k < compared->runs[r].run->topics(); ++k, ++at) {
                std::ranges::copy(compared->runs[r].run->beta.row(k), features.row(at).begin());
                points_.push_back({r, k});
            }
    }
    note_->setText(tr("projecting %1 points…").arg(features.rows));
    const bool umap = how_->currentData().toInt() == Umap;
    workspace_.computeSlowly([this, generation, wanted, umap, features = std::move(features), stop = stop_.get_token()]() -> std::function<void()> {
        auto placed = project(features, umap, stop);
        return [this, generation, wanted, umap, placed = std::move(placed)] {
            if (generation != generation_) return;
            note_->clear();
            if (!placed) {
                Q_EMIT failed(QString::fromStdString(placed.error().text()));
                return;
            }
            places_ = *placed;
            shown_ = wanted;
            std::vector<float> x, y;
            for (std::size_t r = 0; r < places_.rows; ++r) x.push_back(places_(r, 0)), y.push_back(places_(r, 1));
            map_->setPoints(std::move(x), std::move(y));
            const bool drawn = umap && places_.rows >= kLeastForUmap;
            map_->setAxisTitles(drawn ? tr("UMAP 1") : tr("PC 1"), drawn ? tr("UMAP 2") : tr("PC 2"));
            fillColours();
            follow();
        };
    });
}

void SpaceView::fillColours() {
    const QString before = colour_->currentText();
    {
        const QSignalBlocker quiet(colour_);
        colour_->clear();
        if (shown_ == AllTopics) {
            colour_->addItem(tr("run"));
        } else {
            colour_->addItem(shown_ == Documents ? tr("largest topic") : tr("topic"));
            if (shown_ == Documents)
                for (const LabelLevel& level : workspace_.run()->run.documents.levels) colour_->addItem(QString::fromStdString(level.name));
            if (shown_ == Documents) colour_->addItem(tr("share of the chosen topic"));
        }
        colour_->setCurrentIndex(std::max(0, colour_->findText(before)));
    }
    showColours();
}

void SpaceView::showColours() {
    if (!workspace_.run() || places_.rows == 0 || map_->pointCount() != places_.rows) return;
    const TopicData& run = *workspace_.run();
    if (shown_ == AllTopics) {
        if (!comparison_.result()) return;
        std::vector<int> codes;
        QStringList names;
        for (const TopicOfRun& point : points_) codes.push_back(static_cast<int>(point.run));
        for (const ComparedRun& one : comparison_.result()->runs) names << one.title;
        map_->setCategories(codes, style::categorical(static_cast<std::size_t>(names.size())), names, tr("run"));
        return;
    }
    const int index = colour_->currentIndex();
    const int levels = shown_ == Documents ? static_cast<int>(run.run.documents.levels.size()) : 0;
    if (index > levels && shown_ == Documents) {
        std::vector<float> values(run.documents(), std::nanf(""));
        if (const auto topic = workspace_.topic())
            for (std::size_t d = 0; d < values.size(); ++d) values[d] = run.run.theta(d, *topic);
        map_->setContinuous(std::move(values), workspace_.topic() ? labels_.title(*workspace_.topic()) : tr("choose a topic"), std::pair{0.0, 1.0});
        return;
    }
    if (index > 0) {
        const LabelLevel& level = run.run.documents.levels[static_cast<std::size_t>(index - 1)];
        QStringList names;
        for (const std::string& name : level.categories.categories) names << QString::fromStdString(name);
        map_->setCategories({level.categories.codes.begin(), level.categories.codes.end()}, style::categorical(static_cast<std::size_t>(names.size())), names, QString::fromStdString(level.name));
        return;
    }
    std::vector<int> codes;
    QStringList names;
    std::vector<QColor> colours;
    for (std::uint32_t k = 0; k < run.topics(); ++k) {
        names << labels_.title(k);
        colours.push_back(labels_.colour(k));
    }
    if (shown_ == Documents)
        for (const std::uint32_t topic : run.hard) codes.push_back(static_cast<int>(labels_.groups().root(topic)));
    else
        for (std::uint32_t k = 0; k < run.topics(); ++k) codes.push_back(static_cast<int>(k));
    map_->setCategories(codes, colours, names, colour_->currentText());
}

void SpaceView::follow() {
    if (!workspace_.run() || map_->pointCount() != places_.rows || places_.rows == 0) return;
    IdSet chosen;
    if (shown_ == Topics && workspace_.topic()) chosen = IdSet({*workspace_.topic()});
    if (shown_ == Documents) {
        chosen = workspace_.manyDocuments();
        if (chosen.empty() && workspace_.document()) chosen = IdSet({*workspace_.document()});
        map_->setEmphasis(IdSet());
        if (const auto topic = workspace_.topic()) {
            std::vector<std::uint32_t> own;
            for (std::uint32_t d = 0; d < workspace_.run()->documents(); ++d)
                if (labels_.groups().root(workspace_.run()->hard[d]) == labels_.groups().root(*topic)) own.push_back(d);
            map_->setEmphasis(IdSet(std::move(own)));
        }
        if (colour_->currentIndex() > static_cast<int>(workspace_.run()->run.documents.levels.size())) showColours();
    }
    if (shown_ == AllTopics && workspace_.topic() && comparison_.result()) {
        for (std::uint32_t i = 0; i < points_.size(); ++i)
            if (points_[i].topic == *workspace_.topic() && comparison_.result()->runs[points_[i].run].folder == workspace_.run()->folder) chosen = IdSet({i});
    }
    map_->setSelection(chosen);
}

QString SpaceView::describe(std::uint32_t point) const {
    if (!workspace_.run()) return {};
    const TopicData& run = *workspace_.run();
    if (shown_ == Topics && point < run.topics()) return tr("Topic %1\n%2").arg(labels_.title(point), run.gist(point, 8));
    if (shown_ == AllTopics && point < points_.size() && comparison_.result()) {
        const ComparedRun& one = comparison_.result()->runs[points_[point].run];
        QStringList words;
        for (std::size_t i = 0; i < std::min<std::size_t>(8, one.words[points_[point].topic].size()); ++i) words << QString::fromStdString(one.run->vocabulary[one.words[points_[point].topic][i]]);
        return tr("%1, topic %2\n%3").arg(one.title).arg(points_[point].topic).arg(words.join(QStringLiteral(", ")));
    }
    if (shown_ == Documents && point < run.documents()) return tr("Document %1, topic %2\n%3").arg(run.documentName(point), labels_.title(run.hard[point]), QString::fromStdString(run.text(point)).left(120).simplified());
    return {};
}

QString SpaceView::csv() const {
    QString out = QStringLiteral("point,name,x,y\n");
    for (std::size_t r = 0; r < places_.rows; ++r)
        out += QStringLiteral("%1,%2,%3,%4\n").arg(r).arg(csvField(describe(static_cast<std::uint32_t>(r)).section(QLatin1Char('\n'), 0, 0))).arg(places_(r, 0), 0, 'g', 8).arg(places_(r, 1), 0, 'g', 8);
    return out;
}

QString SpaceView::provenance() const {
    return workspace_.run() ? tr("%1, %2, of %3").arg(what_->currentText(), how_->currentText(), workspace_.run()->folder) : QString();
}

QJsonObject SpaceView::saveState() const {
    return {{QStringLiteral("what"), what_->currentIndex()}, {QStringLiteral("how"), how_->currentIndex()}};
}

void SpaceView::restoreState(const QJsonObject& state) {
    what_->setCurrentIndex(state[QStringLiteral("what")].toInt());
    how_->setCurrentIndex(state[QStringLiteral("how")].toInt());
}

}  // namespace driftscope::topics
