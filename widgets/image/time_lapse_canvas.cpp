#include "widgets/image/time_lapse_canvas.h"

#include <QPainter>
#include <QTimer>
#include <algorithm>
#include <array>
#include <cmath>

#include "widgets/image/frame_loader.h"
#include "widgets/image/picture_file.h"
#include "widgets/style/palette.h"

namespace driftscope::image {

namespace {

constexpr int kLateMs = 150;  // waiting longer than this is said

/// White for a single grey channel; otherwise the file's colour, or Okabe-Ito when the file repeats white.
QColor channelColor(const io::TimeLapseInfo& info, std::size_t channel) {
    const QColor given = QColor::fromRgb(0xFF000000U | info.channels[channel].color);
    const bool allWhite =
        std::all_of(info.channels.begin(), info.channels.end(), [](const auto& c) { return c.color == 0xFFFFFF; });
    if (info.channels.size() == 1 || !allWhite) return given;
    static constexpr std::array<int, 6> kBright{2, 4, 5, 1, 6, 3};  // of Okabe-Ito, legible on black
    return style::okabeIto()[static_cast<std::size_t>(kBright[channel % kBright.size()])];
}

}  // namespace

TimeLapseCanvas::TimeLapseCanvas(QWidget* parent)
    : QWidget(parent),
      loader_(new FrameLoader(this)),
      player_(new QTimer(this)),
      late_(new QTimer(this)),
      emptyText_(tr("Open a time-lapse to see its frames.")) {
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setAttribute(Qt::WA_OpaquePaintEvent);
    setAccessibleName(tr("Time-lapse image"));
    setAccessibleDescription(tr("Arrow keys change the frame, Space plays, the wheel zooms"));
    late_->setSingleShot(true);
    late_->setInterval(kLateMs);
    connect(late_, &QTimer::timeout, this, [this] {
        isLate_ = true;
        update();
    });
    player_->setTimerType(Qt::PreciseTimer);
    connect(player_, &QTimer::timeout, this, &TimeLapseCanvas::advance);
    connect(loader_, &FrameLoader::loaded, this, &TimeLapseCanvas::present);
}

TimeLapseCanvas::~TimeLapseCanvas() = default;

void TimeLapseCanvas::setSource(std::shared_ptr<const io::TimeLapse> images) {
    setPlaying(false);
    images_ = std::move(images);
    labels_.reset();
    shown_.reset();
    tails_.clear();
    setFollowed(std::nullopt);
    frame_ = 0;
    slice_ = images_ && images_->info().depth() > 1 ? -1 : 0;
    fitted_ = true;
    channels_.clear();
    for (int c = 0; images_ && c < static_cast<int>(images_->info().shape[1]); ++c) channels_.push_back(fileDisplay(c));
    loader_->setSource(images_, nullptr);
    loader_->setDisplays(channels_);
    Q_EMIT sourceChanged();
    request(+1);
    update();
}

Result<void> TimeLapseCanvas::setLabels(std::shared_ptr<const io::TimeLapse> labels) {
    if (labels && images_) {
        const auto& mask = labels->info();
        const auto& image = images_->info();
        if (mask.width() != image.width() || mask.height() != image.height() || mask.frames() != image.frames())
            return fail(
                ErrorCode::BadInput,
                fmt::format("The masks '{}' have {} frames of {} x {} px, the images '{}' {} frames of {} x {} px.",
                            labels->path().string(), mask.frames(), mask.width(), mask.height(),
                            images_->path().string(), image.frames(), image.width(), image.height()),
                "Choose the tracks plate that was made from these images.");
    }
    labels_ = std::move(labels);
    loader_->setSource(images_, labels_);
    request(+1);
    return {};
}

ChannelDisplay TimeLapseCanvas::fileDisplay(int channel) const {
    const auto& info = images_->info();
    const auto c = static_cast<std::size_t>(channel);
    if (c >= info.channels.size()) return {};
    return {true, channelColor(info, c), info.channels[c].windowStart, info.channels[c].windowEnd, 1};
}

void TimeLapseCanvas::setEmptyText(const QString& text) {
    emptyText_ = text;
    update();
}

int TimeLapseCanvas::frameCount() const {
    return images_ ? static_cast<int>(images_->info().frames()) : 0;
}
int TimeLapseCanvas::sliceCount() const {
    return images_ ? static_cast<int>(images_->info().depth()) : 0;
}

void TimeLapseCanvas::setFrame(int frame) {
    const int target = std::clamp(frame, 0, std::max(0, frameCount() - 1));
    if (target == frame_) return;
    const int direction = target > frame_ ? 1 : -1;
    frame_ = target;
    Q_EMIT frameChanged(frame_);
    request(direction);
}

void TimeLapseCanvas::setSlice(int slice) {
    const int target = std::clamp(slice, -1, std::max(0, sliceCount() - 1));
    if (target == slice_) return;
    slice_ = target;
    Q_EMIT sliceChanged(slice_);
    request(0);
}

void TimeLapseCanvas::request(int direction) {
    if (frameCount() == 0) return;
    std::uint64_t sequence = 0;
    if (FramePtr ready = loader_->request(frame_, slice_, direction, &sequence))
        return present(sequence, std::move(ready));
    if (!late_->isActive() && !isLate_) late_->start();
}

void TimeLapseCanvas::present(std::uint64_t sequence, FramePtr frame) {
    if (sequence <= shownSequence_) return;  // a newer one is on screen
    shownSequence_ = sequence;
    const bool first = !shown_;
    shown_ = std::move(frame);
    if (shown_->t == frame_) {
        late_->stop();
        isLate_ = false;
    }
    if (first) adoptContrast();
    if (fitted_ && first) fit();
    followShown();
    if (cursor_ && drag_ == Drag::None) hoverAt(*cursor_);
    update();
    Q_EMIT frameShown(shown_->t);
}

/// Files without contrast limits: those of the first frame hold for all, so that brightness can be compared over time.
void TimeLapseCanvas::adoptContrast() {
    bool changed = false;
    for (std::size_t c = 0; c < channels_.size() && c < shown_->planes.size(); ++c) {
        if (channels_[c].low < channels_[c].high) continue;
        const Contrast found = image::autoContrast(*shown_->planes[c]);
        channels_[c].low = found.low;
        channels_[c].high = found.high;
        changed = true;
    }
    if (!changed) return;
    loader_->setDisplays(channels_);
    Q_EMIT channelsChanged();
    request(+1);
}

void TimeLapseCanvas::setChannel(int channel, const ChannelDisplay& display) {
    auto& current = channels_.at(static_cast<std::size_t>(channel));
    if (current == display) return;
    current = display;
    loader_->setDisplays(channels_);
    Q_EMIT channelsChanged();
    request(0);
}

void TimeLapseCanvas::autoContrast(int channel) {
    const auto c = static_cast<std::size_t>(channel);
    if (!shown_ || c >= shown_->planes.size()) return;
    ChannelDisplay display = channels_.at(c);
    const Contrast found = image::autoContrast(*shown_->planes[c]);
    display.low = found.low;
    display.high = found.high;
    setChannel(channel, display);
}

void TimeLapseCanvas::resetChannel(int channel) {
    setChannel(channel, fileDisplay(channel));
    if (fileDisplay(channel).low >= fileDisplay(channel).high) autoContrast(channel);
}

void TimeLapseCanvas::setCellColors(std::function<QColor(std::uint32_t)> color) {
    look_.color = std::move(color);
    update();
}

void TimeLapseCanvas::setCellTexts(std::function<QString(std::uint32_t)> text) {
    look_.text = std::move(text);
    update();
}

void TimeLapseCanvas::setSelected(const std::vector<std::uint32_t>& ids) {
    look_.selected = QSet<std::uint32_t>(ids.begin(), ids.end());
    update();
}

void TimeLapseCanvas::setHovered(std::optional<std::uint32_t> id) {
    if (look_.hovered == id) return;
    look_.hovered = id;
    update();
}

void TimeLapseCanvas::setOutlinesVisible(bool visible) {
    look_.outlines = visible;
    update();
}

void TimeLapseCanvas::setFill(double opacity) {
    look_.fill = std::clamp(opacity, 0.0, 1.0);
    update();
}

void TimeLapseCanvas::setTails(std::vector<Trajectory> tails) {
    tails_ = std::move(tails);
    update();
}

void TimeLapseCanvas::setTailLength(int frames) {
    look_.tailLength = std::max(0, frames);
    update();
}

void TimeLapseCanvas::setLegendsVisible(bool visible) {
    legends_ = visible;
    update();
}

void TimeLapseCanvas::setFollowed(std::optional<std::uint32_t> id) {
    if (followed_ == id) return;
    followed_ = id;
    followShown();
    update();
    Q_EMIT followedChanged(followed_);
}

void TimeLapseCanvas::followShown() {
    if (!followed_ || !shown_ || !shown_->outlines) return;
    if (const Outline* cell = shown_->outlines->find(*followed_)) {
        fitted_ = false;
        view_.centre(cell->centre, size());
        moved();
    }
}

void TimeLapseCanvas::centreOn(QPointF image) {
    fitted_ = false;
    view_.centre(image, size());
    moved();
}

void TimeLapseCanvas::zoomAbout(QPointF anchor, double factor) {
    fitted_ = false;
    view_.zoomAbout(anchor, factor);
    moved();
}

void TimeLapseCanvas::fit() {
    fitted_ = true;
    if (!images_) return;
    view_.fit(QSizeF(images_->info().width(), images_->info().height()), size());
    moved();
}

void TimeLapseCanvas::actualPixels() {
    zoomAbout(QRectF(rect()).center(), 1 / (view_.scale() * devicePixelRatioF()));
}

void TimeLapseCanvas::moved() {
    update();
    Q_EMIT viewChanged();
}

std::uint32_t TimeLapseCanvas::idAt(QPointF widget) const {
    return shown_ ? shown_->idAt(view_.pixelAt(widget)) : 0;
}

bool TimeLapseCanvas::isPlaying() const {
    return player_->isActive();
}

void TimeLapseCanvas::setPlaying(bool playing) {
    if (playing == isPlaying() || (playing && frameCount() < 2)) return;
    if (playing && frame_ == frameCount() - 1) setFrame(0);
    if (playing)
        player_->start(static_cast<int>(std::lround(1000 / fps_)));
    else
        player_->stop();
    Q_EMIT playingChanged(playing);
}

/// Shows every frame: when decoding is slower than the clock, playing slows down instead of skipping.
void TimeLapseCanvas::advance() {
    if (shownFrame() != frame_) return;
    if (frame_ + 1 < frameCount()) return setFrame(frame_ + 1);
    if (loop_) return setFrame(0);
    setPlaying(false);
}

void TimeLapseCanvas::setFramesPerSecond(double fps) {
    fps_ = std::clamp(fps, 0.1, 120.0);
    if (isPlaying()) player_->start(static_cast<int>(std::lround(1000 / fps_)));
}

void TimeLapseCanvas::setLooping(bool loop) {
    loop_ = loop;
}
void TimeLapseCanvas::setCacheBudget(std::size_t bytes) {
    loader_->setBudget(bytes);
}

QString TimeLapseCanvas::status() const {
    if (isLate_ && shownFrame() != frame_) return tr("decoding t = %1 …").arg(frame_);
    if (followed_ && shown_ && shown_->outlines && !shown_->outlines->find(*followed_))
        return tr("following %1: not in this frame").arg(*followed_);
    if (followed_) return tr("following %1").arg(*followed_);
    return {};
}

CanvasScene TimeLapseCanvas::scene(QSizeF size) const {
    CanvasScene scene{shown_, view_, size, &look_, &tails_, images_ ? &images_->info() : nullptr, &channels_, status()};
    scene.region = region_;
    scene.legends = legends_;
    if (cursor_ && look_.hovered && drag_ == Drag::None) {
        scene.tag = QString::number(*look_.hovered);
        if (look_.text)
            if (const QString text = look_.text(*look_.hovered); !text.isEmpty())
                scene.tag += QStringLiteral(" · ") + text;
        scene.tagColor = look_.color ? look_.color(*look_.hovered) : QColor();
        scene.tagAt = *cursor_;
    }
    return scene;
}

void TimeLapseCanvas::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    paintScene(painter, scene(size()));
    if (!images_ || frameCount() == 0) {
        painter.setPen(QColor(0xB8, 0xB8, 0xBC));
        painter.drawText(rect().adjusted(24, 24, -24, -24), Qt::AlignCenter | Qt::TextWordWrap, emptyText_);
    }
    if (hasFocus() && images_) {
        painter.setPen(QPen(palette().color(QPalette::Highlight), 2));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(rect().adjusted(1, 1, -1, -1));
    }
    if (shown_) Q_EMIT framePainted(shown_->t);
}

Result<void> TimeLapseCanvas::exportTo(const QString& path) const {
    if (!shown_)
        return fail(ErrorCode::BadInput,
                    fmt::format("There is nothing to write to '{}': no frame is shown.", path.toStdString()));
    const QString source = QString::fromStdString(images_->path().string()) + QStringLiteral(", ") + timeText(images_->info(), shown_->t);
    return writePicture(path, size(), source, [this](QPainter& painter) { paintScene(painter, scene(size())); });
}

}  // namespace driftscope::image
