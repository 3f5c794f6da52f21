#pragma once

#include <QObject>
#include <QString>
#include <map>
#include <memory>
#include <vector>

#include "core/table/selection.h"

namespace driftscope {

/// What changed since the last event-loop turn, for one layer and kind.
struct SelectionDelta {
    SelectionLayer layer;
    ElementKind kind;
    const void* source;  ///< who said it; a view ignores its own
};

/// The shared selection. Each layer holds one IdSet per element kind; a set made for one kind reaches other kinds through
/// the relations. Changes are coalesced: one changed() per layer and kind and event-loop turn.
/// Filters are kept per source and intersected; they vanish with clear(source).
class SelectionHub : public QObject {
    Q_OBJECT
  public:
    explicit SelectionHub(QObject* parent = nullptr);
    ~SelectionHub() override;

    void set(SelectionLayer layer, ElementKind kind, IdSet ids, const void* source);
    /// The set of `kind` in a layer, derived through a relation when it was set for another kind. For Filter an absent set
    /// means "everything": see hasFilter().
    IdSet get(SelectionLayer layer, ElementKind kind) const;
    bool hasFilter(ElementKind kind) const;
    /// Takes back the filters and the hover of a source, for example a view that closes; selections stay.
    void clear(const void* source);

    /// Heard as a change of layer Colour (whatever its kind).
    void setColourColumn(const QString& column, const void* source);
    QString colourColumn() const;

    void addRelation(Relation relation);  ///< its inverse is added too
    void reset();                         ///< forgets sets and relations, for a new project or table

  Q_SIGNALS:
    void changed(const driftscope::SelectionDelta& delta);

  private:
    void scheduleFlush();
    void flush();
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace driftscope
