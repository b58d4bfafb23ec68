#include "pg/by_entry.hpp"

extern "C" {
#include <catalog/pg_type.h>
#include <utils/array.h>
#include <utils/lsyscache.h>
}

#include <algorithm>
#include <cstring>

namespace opigno::pg {

namespace {

constexpr std::string_view list_begin = "unnest(";
constexpr std::string_view with_ordinality = ") WITH ORDINALITY AS ";
constexpr std::string_view without_ordinality = ") AS ";
constexpr std::string_view distinct = "DISTINCT ";
constexpr std::string_view on_conflict = " ON CONFLICT ";
constexpr std::string_view not_exists = " WHERE NOT EXISTS (";
constexpr std::string_view order_by = " ORDER BY ";

bool is_of_name(char given)
{
    return (given >= 'a' && given <= 'z') || given == '_' || (given >= '0' && given <= '9');
}

bool begins_with(const char *at, std::string_view text)
{
    return std::strncmp(at, text.data(), text.size()) == 0;
}

bool ends_with(const char *begin, const char *end, std::string_view text)
{
    return end - begin >= static_cast<std::ptrdiff_t>(text.size()) && begins_with(end - text.size(), text);
}

/* Whether brackets of EXISTS or ALL are around a place: what they ask of all entries is not asked of one. */
bool is_asked_of_all(const char *begin, const char *place)
{
    int closed = 0;
    for (const char *at = place - 1; at >= begin; --at) {
        if (*at == ')')
            ++closed;
        else if (*at == '(' && closed > 0)
            --closed;
        else if (*at == '(' && (ends_with(begin, at, "EXISTS ") || ends_with(begin, at, "<> ALL ")))
            return true;
    }
    return false;
}

[[noreturn]] void refuse(const char *sql)
{
    elog(ERROR, "a statement cannot be told to one entry: %s", sql);
}

std::string_view name_at(const char *at)
{
    const char *end = at;
    while (is_of_name(*end))
        ++end;
    return {at, static_cast<std::size_t>(end - at)};
}

} // namespace

/* The list that counts its entries, or else the first one. */
EntryList::EntryList(const char *sql, std::span<const Oid> types) : sql_(sql)
{
    bool counts = false;
    for (const char *at = std::strstr(sql, list_begin.data()); at != nullptr && !counts;
         at = std::strstr(at + 1, list_begin.data())) {
        const char *bracket = std::strchr(at, ')');
        counts = begins_with(bracket, with_ordinality);
        if (!counts && (list_ != nullptr || !begins_with(bracket, without_ordinality)))
            continue;
        const std::string_view alias =
            name_at(bracket + (counts ? with_ordinality : without_ordinality).size());
        if (!begins_with(alias.data() + alias.size(), " ("))
            continue;
        list_ = at;
        alias_ = alias;
        columns_begin_ = alias.data() + alias.size() + 2;
        end_ = std::strchr(columns_begin_, ')') + 1;
    }
    if (list_ == nullptr)
        return;
    if (types.size() >= most) /* the number is one more */
        refuse(sql_);
    read_arguments();
    read_columns(types);
}

void EntryList::read_arguments()
{
    for (const char *at = list_; at < alias_.data(); ++at)
        if (*at == '$')
            arguments_ |= 1U << static_cast<unsigned>(std::atoi(at + 1) - 1);
}

void EntryList::read_columns(std::span<const Oid> types)
{
    const char *argument = list_;
    for (const char *at = columns_begin_; at < end_; ++at) {
        if (!is_of_name(*at))
            continue;
        if (size_ == most)
            refuse(sql_);
        if (argument != nullptr)
            argument = std::strchr(argument + 1, '$');
        const bool is_number = argument == nullptr || argument > alias_.data();
        columns_[size_] = {name_at(at),
                           is_number ? static_cast<int>(types.size()) + 1 : std::atoi(argument + 1)};
        at += columns_[size_++].name.size();
    }
}

/* Returns the parameter that a column of the list becomes and moves `at` to the end of its name, or
 * returns 0. */
int EntryList::take_column(const char *&at) const
{
    if (is_of_name(at[-1]) || !begins_with(at, alias_) || at[alias_.size()] != '.')
        return 0;
    const std::string_view name = name_at(at + alias_.size() + 1);
    for (std::size_t column = 0; column < size_; ++column)
        if (columns_[column].name == name) {
            at += alias_.size() + name.size();
            return columns_[column].parameter;
        }
    return 0;
}

/* Where the select list of INSERT ... SELECT ... FROM the list begins, or nullptr. */
const char *EntryList::inserted_values() const
{
    constexpr std::string_view select = " SELECT ";
    constexpr std::string_view from = " FROM ";
    if (!begins_with(sql_, "INSERT") || !begins_with(list_ - from.size(), from))
        return nullptr;
    const char *found = std::strstr(sql_, select.data());
    if (found == nullptr)
        return nullptr;
    const char *inner = std::strstr(found + 2, select.data() + 1);
    const bool is_direct = found < list_ && (inner == nullptr || inner > list_);
    return is_direct && std::strstr(sql_, on_conflict.data()) != nullptr ? found : nullptr;
}

bool EntryList::is_only_for_one() const
{
    return is_there() && (begins_with(sql_, "WITH ") ||
                          (inserted_values() != nullptr && (std::strstr(list_, " RETURNING ") != nullptr ||
                                                            std::strstr(list_, " DO NOTHING") != nullptr)));
}

/* Citus counts the rows that INSERT ... SELECT selects, so that SPI does not believe what it returns.
 * The number of the row that VALUES inserts is right. An order of entries goes, and NOT EXISTS, which ON
 * CONFLICT asks again. */
const char *EntryList::sql_of_insert(const char *values) const
{
    const char *conflict = std::strstr(list_, on_conflict.data());
    const char *tail = end_;
    if (begins_with(tail, order_by) && begins_with(tail + order_by.size(), alias_) &&
        tail[order_by.size() + alias_.size()] == '.') {
        const std::string_view key = name_at(tail + order_by.size() + alias_.size() + 1);
        tail = key.data() + key.size();
    }
    if (tail != conflict && !begins_with(end_, not_exists))
        refuse(sql_);
    StringInfoData text;
    initStringInfo(&text);
    appendBinaryStringInfo(&text, sql_, static_cast<int>(values - sql_));
    appendStringInfoString(&text, " VALUES (");
    values += std::strlen(" SELECT ");
    if (begins_with(values, distinct))
        values += distinct.size();
    append(text, values, list_ - std::strlen(" FROM "), true);
    appendStringInfo(&text, ")%s", conflict);
    return text.data;
}

/* Columns of the list that are compared become parameters, so that Citus sees the one node that has the
 * row; or all of them, where the list itself is left out. */
void EntryList::append(StringInfoData &text, const char *from, const char *to, bool replaces_all) const
{
    for (const char *at = from; at < to; ++at) {
        const bool is_compared = at - sql_ > 2 && at[-1] == ' ' && (at[-2] == '=' || at[-2] == '<');
        const int parameter = replaces_all || is_compared ? take_column(at) : 0;
        if (parameter > 0)
            appendStringInfo(&text, "$%d", parameter);
        else
            appendStringInfoChar(&text, *at);
    }
}

const char *EntryList::sql_by_entry() const
{
    if (is_asked_of_all(sql_, list_))
        refuse(sql_);
    const char *values = inserted_values();
    if (values != nullptr)
        return sql_of_insert(values);
    StringInfoData text;
    initStringInfo(&text);
    append(text, sql_, list_, false);
    for (std::size_t column = 0; column < size_; ++column)
        appendStringInfo(&text, "%s$%d AS %.*s", column == 0 ? "(SELECT " : ", ", columns_[column].parameter,
                         static_cast<int>(columns_[column].name.size()), columns_[column].name.data());
    appendStringInfo(&text, ") AS %.*s", static_cast<int>(alias_.size()), alias_.data());
    append(text, end_, end_ + std::strlen(end_), false);
    return text.data;
}

void EntryList::types_by_entry(std::span<const Oid> types, Oid *result) const
{
    for (std::size_t at = 0; at < types.size(); ++at)
        result[at] = has_argument(at) ? get_element_type(types[at]) : types[at];
    result[types.size()] = INT8OID;
}

EntryArguments::EntryArguments(const EntryList &list, std::span<const Oid> types, const Datum *values,
                               const char *nulls)
    : size_(types.size())
{
    for (std::size_t at = 0; at < size_; ++at) {
        values_[at] = values[at];
        nulls_[at] = nulls == nullptr ? ' ' : nulls[at];
        elements_[at] = nullptr;
        if (!list.has_argument(at) || nulls_[at] == 'n')
            continue;
        const Oid element = get_element_type(types[at]);
        std::int16_t length = 0;
        bool is_by_value = false;
        char alignment = '\0';
        get_typlenbyvalalign(element, &length, &is_by_value, &alignment);
        deconstruct_array(DatumGetArrayTypeP(values[at]), element, length, is_by_value, alignment,
                          &elements_[at], &element_nulls_[at], &sizes_[at]);
        entries_ = std::max(entries_, sizes_[at]);
    }
    nulls_[size_] = ' ';
}

void EntryArguments::choose(int entry)
{
    for (std::size_t at = 0; at < size_; ++at) {
        if (elements_[at] == nullptr)
            continue;
        const bool is_null = entry >= sizes_[at] || element_nulls_[at][entry];
        values_[at] = is_null ? Datum{0} : elements_[at][entry];
        nulls_[at] = is_null ? 'n' : ' ';
    }
    values_[size_] = Int64GetDatum(entry + 1);
}

} // namespace opigno::pg
