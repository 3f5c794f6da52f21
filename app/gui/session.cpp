#include "app/gui/session.h"

#include "plugins/api/panel_plugin.h"
#include "widgets/session/edit_stack.h"
#include "widgets/session/job_runner.h"
#include "widgets/session/project.h"
#include "widgets/session/selection_hub.h"

namespace driftscope {

Session::Session(const QString& runner, QString annotator, std::uint64_t cacheBytes, QObject* parent)
    : QObject(parent), annotator_(std::move(annotator)), cacheBytes_(cacheBytes), selection_(std::make_unique<SelectionHub>()), jobs_(std::make_unique<JobRunner>(runner)) {
    connect(jobs_.get(), &JobRunner::failed, this, &Session::warned);
}

Session::~Session() { close(); }

Result<void> Session::open(const QString& folder) {
    close();
    return take(Project::open(folder));
}

Result<void> Session::create(const QString& folder, const QString& name) {
    close();
    return take(Project::create(folder, name));
}

Result<void> Session::take(Result<std::unique_ptr<Project>> project) {
    if (!project) return tl::unexpected(project.error());
    DS_ASSIGN(edits_, EditStack::open((*project)->labelsFile(), annotator_));
    project_ = std::move(*project);
    connect(project_.get(), &Project::saveFailed, this, &Session::warned);
    connect(edits_.get(), &EditStack::failed, this, &Session::warned);
    context_ = std::make_unique<HostContext>(HostContext{*project_, *selection_, *jobs_, *edits_, cacheBytes_});
    jobs_->setRunsFolder(project_->runsFolder());
    jobs_->loadKinds();
    Q_EMIT opened();
    for (const QString& warning : project_->warnings()) Q_EMIT warned(warning);
    return {};
}

void Session::close() {
    if (!project_) return;
    Q_EMIT aboutToClose();
    jobs_->setRunsFolder({});  // running ones go on and are found again
    context_.reset();
    edits_.reset();
    project_.reset();
    selection_->reset();
    Q_EMIT closed();
}

bool Session::isOpen() const { return project_ != nullptr; }
Project* Session::project() const { return project_.get(); }
EditStack* Session::edits() const { return edits_.get(); }
HostContext* Session::context() const { return context_.get(); }

void Session::setAnnotator(const QString& name) {
    annotator_ = name;
    if (edits_) edits_->setAnnotator(name);
}

void Session::setCacheBytes(std::uint64_t bytes) {
    cacheBytes_ = bytes;
    if (context_) context_->cacheBytes = bytes;
}

}  // namespace driftscope
