#include <algorithm>

#include "core/label/sqlite_label_store.h"

namespace driftscope::label {
namespace {

std::string join(const std::vector<std::string>& texts) {
    return nlohmann::json(texts).dump();
}

std::vector<std::string> split(const std::string& text) {
    const auto list = nlohmann::json::parse(text, nullptr, false);
    return list.is_array() ? list.get<std::vector<std::string>>() : std::vector<std::string>();
}

}  // namespace

Result<std::int64_t> SqliteLabelStore::schemaId(const std::string& name) const {
    {
        DS_ASSIGN(auto rows, database_->query("SELECT id FROM schemas WHERE name = ? AND removed = 0"));
        DS_ASSIGN(const bool found, rows.bind(name).step());
        if (found) return rows.integer(0);
    }
    DS_ASSIGN(auto rows, database_->query("SELECT name FROM schemas WHERE removed = 0 ORDER BY position"));
    std::string known;
    while (true) {
        DS_ASSIGN(const bool more, rows.step());
        if (!more) break;
        known += (known.empty() ? "" : ", ") + rows.text(0);
    }
    return fail(ErrorCode::NotFound, fmt::format("{} has no label schema \"{}\".", database_->file().string(), name),
                known.empty() ? "Add a schema first." : fmt::format("Known ones: {}.", known));
}

Result<std::vector<LabelClass>> SqliteLabelStore::classes(std::int64_t schema) const {
    DS_ASSIGN(auto rows,
              database_->query(
                  "SELECT name, color, key, aliases FROM classes WHERE schema = ? AND removed = 0 ORDER BY position"));
    rows.bind(schema);
    std::vector<LabelClass> result;
    while (true) {
        DS_ASSIGN(const bool more, rows.step());
        if (!more) return result;
        result.push_back({rows.text(0), rows.text(1), rows.text(2), split(rows.text(3))});
    }
}

Result<std::optional<std::int64_t>> SqliteLabelStore::classId(std::int64_t schema, const std::string& name,
                                                              bool removed) const {
    DS_ASSIGN(auto rows,
              database_->query(
                  "SELECT id FROM classes WHERE schema = ? AND name = ? AND removed = ? ORDER BY id DESC LIMIT 1"));
    DS_ASSIGN(const bool found, rows.bind(schema).bind(name).bind(std::int64_t{removed}).step());
    if (!found) return std::nullopt;
    return rows.integer(0);
}

Result<std::vector<LabelSchema>> SqliteLabelStore::schemas() const {
    std::vector<LabelSchema> result;
    std::vector<std::int64_t> ids;
    {
        DS_ASSIGN(auto rows,
                  database_->query(
                      "SELECT id, name, title, expansion, unknown FROM schemas WHERE removed = 0 ORDER BY position"));
        while (true) {
            DS_ASSIGN(const bool more, rows.step());
            if (!more) break;
            ids.push_back(rows.integer(0));
            result.push_back({rows.text(1), rows.text(2), {}, rows.text(3), split(rows.text(4))});
        }
    }
    for (std::size_t i = 0; i < ids.size(); ++i) {
        DS_ASSIGN(result[i].classes, classes(ids[i]));
    }
    return result;
}

Result<void> SqliteLabelStore::putSchema(const LabelSchema& schema, const std::map<std::string, std::string>& renamed) {
    DS_TRY(checkEdit("schema"));
    DS_TRY(schema.check());
    DS_ASSIGN(auto transaction, sqlite::Transaction::begin(*database_));
    DS_ASSIGN(const std::int64_t id, writeSchemaRow(schema));
    DS_TRY(renameClasses(id, schema.name, renamed));
    DS_TRY(retireClasses(id, schema));
    DS_TRY(writeClasses(id, schema));
    return transaction.commit();
}

Result<std::int64_t> SqliteLabelStore::writeSchemaRow(const LabelSchema& schema) {
    DS_ASSIGN(
        auto upsert,
        database_->query("INSERT INTO schemas(name, position, title, expansion, unknown)"
                         " VALUES(?1, (SELECT ifnull(max(position), 0) + 1 FROM schemas), ?2, ?3, ?4)"
                         " ON CONFLICT(name) DO UPDATE SET title = ?2, expansion = ?3, unknown = ?4, removed = 0"));
    DS_TRY(upsert.bind(schema.name).bind(schema.title).bind(schema.expansion).bind(join(schema.unknown)).run());
    return schemaId(schema.name);
}

Result<void> SqliteLabelStore::renameClasses(std::int64_t schema, const std::string& name,
                                             const std::map<std::string, std::string>& renamed) {
    std::vector<std::pair<std::int64_t, std::string>> ids;  // found first, so that names can be swapped
    for (const auto& [from, to] : renamed) {
        DS_ASSIGN(const auto id, classId(schema, from, false));
        if (!id)
            return fail(ErrorCode::NotFound,
                        fmt::format("\"{}\" has no class \"{}\" to rename to \"{}\".", name, from, to), "");
        ids.emplace_back(*id, to);
    }
    for (const auto& [id, to] : ids) {
        DS_ASSIGN(auto rename, database_->query("UPDATE classes SET name = ? WHERE id = ?"));
        DS_TRY(rename.bind(to).bind(id).run());
    }
    return {};
}

Result<void> SqliteLabelStore::retireClasses(std::int64_t id, const LabelSchema& schema) {
    DS_ASSIGN(const auto present, classes(id));
    for (const LabelClass& old : present) {
        const bool kept = std::any_of(schema.classes.begin(), schema.classes.end(),
                                      [&](const LabelClass& c) { return c.name == old.name; });
        if (kept) continue;
        DS_ASSIGN(const auto oldId, classId(id, old.name, false));
        DS_ASSIGN(auto rows, database_->query("SELECT count(*) FROM labels WHERE schema = ? AND class = ?"));
        DS_ASSIGN([[maybe_unused]] const bool counted, rows.bind(id).bind(oldId).step());
        if (rows.integer(0) > 0)
            return fail(
                ErrorCode::BadInput,
                fmt::format("The class \"{}\" of \"{}\" still has {} labels.", old.name, schema.name, rows.integer(0)),
                "Relabel or remove those labels first, or rename the class instead.");
        DS_ASSIGN(auto retire, database_->query("UPDATE classes SET removed = 1 WHERE id = ?"));
        DS_TRY(retire.bind(oldId).run());
    }
    return {};
}

Result<void> SqliteLabelStore::writeClasses(std::int64_t id, const LabelSchema& schema) {
    for (std::size_t i = 0; i < schema.classes.size(); ++i) {
        const LabelClass& item = schema.classes[i];
        DS_ASSIGN(auto known, classId(id, item.name, false));
        if (!known) {
            DS_ASSIGN(known, classId(id, item.name, true));
        }
        const auto position = static_cast<std::int64_t>(i);
        if (known) {
            DS_ASSIGN(
                auto update,
                database_->query(
                    "UPDATE classes SET position = ?, color = ?, key = ?, aliases = ?, removed = 0 WHERE id = ?"));
            DS_TRY(update.bind(position).bind(item.color).bind(item.key).bind(join(item.aliases)).bind(known).run());
        } else {
            DS_ASSIGN(auto insert,
                      database_->query(
                          "INSERT INTO classes(schema, name, position, color, key, aliases) VALUES(?, ?, ?, ?, ?, ?)"));
            DS_TRY(insert.bind(id)
                       .bind(item.name)
                       .bind(position)
                       .bind(item.color)
                       .bind(item.key)
                       .bind(join(item.aliases))
                       .run());
        }
    }
    return {};
}

Result<void> SqliteLabelStore::removeSchema(const std::string& name) {
    DS_TRY(checkEdit("schema"));
    DS_ASSIGN(auto transaction, sqlite::Transaction::begin(*database_));
    DS_ASSIGN(const std::int64_t id, schemaId(name));
    DS_ASSIGN(auto hide, database_->query("UPDATE schemas SET removed = 1 WHERE id = ?"));
    DS_TRY(hide.bind(id).run());
    return transaction.commit();
}

}  // namespace driftscope::label
