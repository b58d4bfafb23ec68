#include "json/schema/unicode_property.hpp"

#include "json/schema/format_scan.hpp"

#include <algorithm>
#include <cstddef>

namespace opigno::json::schema {

namespace {

struct Category {
    std::string_view name;
    std::string_view short_name;
};

/* The values of General_Category that RE2 has by their short names. */
constexpr Category categories[] = {
    {"Letter", "L"},
    {"Lowercase_Letter", "Ll"},
    {"Uppercase_Letter", "Lu"},
    {"Titlecase_Letter", "Lt"},
    {"Modifier_Letter", "Lm"},
    {"Other_Letter", "Lo"},
    {"Mark", "M"},
    {"Combining_Mark", "M"},
    {"Nonspacing_Mark", "Mn"},
    {"Spacing_Mark", "Mc"},
    {"Enclosing_Mark", "Me"},
    {"Number", "N"},
    {"Decimal_Number", "Nd"},
    {"digit", "Nd"},
    {"Letter_Number", "Nl"},
    {"Other_Number", "No"},
    {"Punctuation", "P"},
    {"punct", "P"},
    {"Dash_Punctuation", "Pd"},
    {"Open_Punctuation", "Ps"},
    {"Close_Punctuation", "Pe"},
    {"Connector_Punctuation", "Pc"},
    {"Initial_Punctuation", "Pi"},
    {"Final_Punctuation", "Pf"},
    {"Other_Punctuation", "Po"},
    {"Symbol", "S"},
    {"Math_Symbol", "Sm"},
    {"Currency_Symbol", "Sc"},
    {"Modifier_Symbol", "Sk"},
    {"Other_Symbol", "So"},
    {"Separator", "Z"},
    {"Space_Separator", "Zs"},
    {"Line_Separator", "Zl"},
    {"Paragraph_Separator", "Zp"},
    {"Control", "Cc"},
    {"cntrl", "Cc"},
    {"Format", "Cf"},
    {"Surrogate", "Cs"},
    {"Private_Use", "Co"},
};

struct NamedSet {
    std::string_view name;
    std::string_view short_name;
    CharacterSet set;
    bool is_category;
};

/* RE2's \p{C} does not contain the characters that are not assigned. */
constexpr NamedSet sets[] = {
    {"Other", "C", {"", "\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}\\p{Z}"}, true},
    {"Unassigned", "Cn", {"", "\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}\\p{Z}\\p{C}"}, true},
    {"Cased_Letter", "LC", {"\\p{Lu}\\p{Ll}\\p{Lt}", ""}, true},
    {"Assigned", "Assigned", {"\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}\\p{Z}\\p{C}", ""}, false},
    {"ASCII", "ASCII", {"\\x{0}-\\x{7f}", "\\x{80}-\\x{10ffff}"}, false},
    {"Any", "Any", every_character, false},
};

template <typename Items> const auto *find_name(const Items &items, std::string_view name)
{
    const auto *found = std::find_if(std::begin(items), std::end(items), [&](const auto &item) {
        return item.name == name || item.short_name == name;
    });
    return found == std::end(items) ? nullptr : found;
}

UnicodeProperty category_named(std::string_view name)
{
    if (const Category *category = find_name(categories, name))
        return {UnicodeProperty::Kind::Named, {}, category->short_name};
    if (const NamedSet *found = find_name(sets, name); found != nullptr && found->is_category)
        return {UnicodeProperty::Kind::Set, found->set};
    return {};
}

/* RE2 knows the long names of scripts. It has the names of categories in the same list. */
UnicodeProperty script_named(std::string_view name)
{
    if (category_named(name).kind != UnicodeProperty::Kind::Unknown || name == "Any")
        return {};
    return {UnicodeProperty::Kind::Named, {}, name};
}

bool is_name(std::string_view text)
{
    const auto is_part = [](char c) { return is_ascii_letter(c) || is_digit(c) || c == '_'; };
    return !text.empty() && count_front(text, is_part) == text.size();
}

} // namespace

UnicodeProperty property_named(std::string_view expression)
{
    const std::size_t equals = expression.find('=');
    if (equals != std::string_view::npos) {
        const std::string_view key = front_of(expression, equals);
        const std::string_view value = after(expression, equals + 1);
        if (!is_name(value))
            return {};
        if (key == "General_Category" || key == "gc")
            return category_named(value);
        if (key == "Script" || key == "sc")
            return script_named(value);
        if (key == "Script_Extensions" || key == "scx")
            return {UnicodeProperty::Kind::Unsupported};
        return {};
    }
    if (const UnicodeProperty category = category_named(expression);
        category.kind != UnicodeProperty::Kind::Unknown)
        return category;
    if (const NamedSet *found = find_name(sets, expression))
        return {UnicodeProperty::Kind::Set, found->set};
    return {is_name(expression) ? UnicodeProperty::Kind::Unsupported : UnicodeProperty::Kind::Unknown};
}

} // namespace opigno::json::schema
