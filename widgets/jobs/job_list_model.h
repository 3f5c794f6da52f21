#pragma once

#include <QAbstractListModel>
#include <vector>

#include "widgets/session/job_runner.h"

namespace driftscope::jobs {

/// The runner's jobs as a list, newest first. Rows are inserted, changed and removed one by one, so that a view keeps its
/// selection while jobs run.
class JobListModel : public QAbstractListModel {
    Q_OBJECT
  public:
    enum Role { Id = Qt::UserRole, State, Fraction, Detail };

    explicit JobListModel(JobRunner& jobs, QObject* parent = nullptr);

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QModelIndex find(const QString& id) const;

  private:
    void insert(const QString& id);
    void change(const QString& id);
    void remove(const QString& id);
    void reset();

    JobRunner& jobs_;
    std::vector<QString> ids_;
};

}  // namespace driftscope::jobs
