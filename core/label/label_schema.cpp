#include "core/label/label_schema.h"

#include <algorithm>
#include <cctype>

namespace driftscope {
namespace {

/// Spellings differ by case only in practice (Mitosis, mitosis); vocabularies are ASCII.
std::string folded(std::string_view text) {
    std::string result(text);
    for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return result;
}

/// Remembers who uses a spelling or a key and complains about the second user.
class UniqueNames {
  public:
    Result<void> claim(const std::string& schema, const std::string& text, const std::string& owner, const char* what) {
        const auto [place, fresh] = owners_.emplace(folded(text), owner);
        if (fresh || place->second == owner) return {};
        return fail(ErrorCode::BadInput,
                    fmt::format("Label schema \"{}\": the {} \"{}\" is used by the classes \"{}\" and \"{}\".", schema,
                                what, text, place->second, owner),
                    fmt::format("Give each class its own {}.", what));
    }

  private:
    std::map<std::string, std::string> owners_;
};

bool isColor(const std::string& text) {
    if (text.size() != 7 || text[0] != '#') return false;
    for (std::size_t i = 1; i < text.size(); ++i)
        if (!std::isxdigit(static_cast<unsigned char>(text[i]))) return false;
    return true;
}

Result<LabelSchema> parse(const nlohmann::json& json) {
    LabelSchema schema;
    schema.name = json.at("name").get<std::string>();
    schema.title = json.value("title", schema.name);
    schema.expansion = json.value("expansion", std::string("frame"));
    schema.unknown = json.value("unknown", std::vector<std::string>());
    for (const auto& entry : json.at("classes")) {
        LabelClass item;
        item.name = entry.at("name").get<std::string>();
        item.color = entry.value("color", std::string("#999999"));
        item.key = entry.value("key", std::string());
        item.aliases = entry.value("aliases", std::vector<std::string>());
        schema.classes.push_back(std::move(item));
    }
    return schema;
}

}  // namespace

std::optional<std::size_t> LabelSchema::find(std::string_view text) const {
    const std::string wanted = folded(text);
    for (std::size_t i = 0; i < classes.size(); ++i)
        if (folded(classes[i].name) == wanted) return i;
    for (std::size_t i = 0; i < classes.size(); ++i)
        for (const std::string& alias : classes[i].aliases)
            if (folded(alias) == wanted) return i;
    return std::nullopt;
}

bool LabelSchema::meansUnlabelled(std::string_view text) const {
    const std::string wanted = folded(text);
    return wanted.empty() ||
           std::any_of(unknown.begin(), unknown.end(), [&](const std::string& u) { return folded(u) == wanted; });
}

Result<void> LabelSchema::check() const {
    if (name.empty())
        return fail(ErrorCode::BadInput, "A label schema has no name.", "Name it, for example cell_division_state.");
    if (classes.empty())
        return fail(ErrorCode::BadInput, fmt::format("Label schema \"{}\" has no classes.", name),
                    "Add at least one class.");
    if (expansion != "frame" && expansion != "onset")
        return fail(ErrorCode::BadInput,
                    fmt::format("Label schema \"{}\": expansion \"{}\" is not known.", name, expansion),
                    "Use \"frame\" or \"onset\".");
    std::map<std::string, int> seen;
    UniqueNames spellings, keys;
    for (const LabelClass& item : classes) {
        if (item.name.empty())
            return fail(ErrorCode::BadInput, fmt::format("Label schema \"{}\": a class has no name.", name),
                        "Name every class.");
        if (++seen[folded(item.name)] > 1)
            return fail(ErrorCode::BadInput,
                        fmt::format("Label schema \"{}\" has two classes named \"{}\".", name, item.name),
                        "Rename one of them; upper and lower case count as the same.");
        if (!isColor(item.color))
            return fail(
                ErrorCode::BadInput,
                fmt::format("Label schema \"{}\", class \"{}\": \"{}\" is not a colour.", name, item.name, item.color),
                "Write colours as #RRGGBB.");
        DS_TRY(spellings.claim(name, item.name, item.name, "spelling"));
        if (!item.key.empty()) DS_TRY(keys.claim(name, item.key, item.name, "key"));
    }
    for (const LabelClass& item : classes)
        for (const std::string& alias : item.aliases) DS_TRY(spellings.claim(name, alias, item.name, "alias"));
    for (const std::string& text : unknown)
        if (find(text))
            return fail(ErrorCode::BadInput,
                        fmt::format("Label schema \"{}\": \"{}\" stands for \"no label\" and for the class \"{}\".",
                                    name, text, classes[*find(text)].name),
                        "Keep one of the two meanings.");
    return {};
}

nlohmann::json LabelSchema::toJson() const {
    nlohmann::json list = nlohmann::json::array();
    for (const LabelClass& item : classes)
        list.push_back({{"name", item.name}, {"color", item.color}, {"key", item.key}, {"aliases", item.aliases}});
    return {
        {"name", name}, {"title", title}, {"expansion", expansion}, {"unknown", unknown}, {"classes", std::move(list)}};
}

Result<LabelSchema> LabelSchema::fromJson(const nlohmann::json& json) {
    try {
        DS_ASSIGN(LabelSchema schema, parse(json));
        DS_TRY(schema.check());
        return schema;
    } catch (const nlohmann::json::exception& problem) {
        return fail(ErrorCode::BadInput, fmt::format("A label schema cannot be read: {}.", problem.what()),
                    "It needs a name and a list of classes with names.");
    }
}

}  // namespace driftscope
