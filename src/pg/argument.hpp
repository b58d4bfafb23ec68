/* Reads and checks the arguments of SQL functions. */
#pragma once

#include "pg/error.hpp"
#include "pg/text.hpp"

#include <optional>
#include <string_view>

namespace opigno::pg {

/* Adds an error (22023) if the argument is NULL. */
inline void require(FunctionCallInfo fcinfo, int argument_number, const char *name, Errors &errors)
{
    if (PG_ARGISNULL(argument_number))
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, name, "\"%s\" is required", name);
}

/* Raises that error. */
inline void require(FunctionCallInfo fcinfo, int argument_number, const char *name)
{
    Errors errors;
    require(fcinfo, argument_number, name, errors);
    errors.raise();
}

/* Reads a boolean argument. NULL counts as false. */
inline bool flag_argument(FunctionCallInfo fcinfo, int argument_number)
{
    return !PG_ARGISNULL(argument_number) && PG_GETARG_BOOL(argument_number);
}

/* A word that an argument accepts, and the value that it stands for. */
template <typename Value> struct Word {
    std::string_view word;
    Value value;
};

template <typename Value, std::size_t N>
std::optional<Value> value_of(std::string_view given, const Word<Value> (&words)[N])
{
    for (const auto &[word, value] : words)
        if (word == given)
            return value;
    return std::nullopt;
}

/* Returns the value that the argument stands for. NULL counts as the first word. Adds an error
 * (22023) for an unknown word. */
template <typename Value, std::size_t N> Value word_argument(FunctionCallInfo fcinfo, int argument_number,
                                                             const char *name, const Word<Value> (&words)[N],
                                                             Errors &errors)
{
    if (PG_ARGISNULL(argument_number))
        return words[0].value;
    if (const std::optional<Value> value = value_of(view(PG_GETARG_TEXT_PP(argument_number)), words);
        value.has_value())
        return *value;
    StringInfoData list;
    initStringInfo(&list);
    for (const auto &[word, value] : words)
        appendStringInfo(&list, "%s\"%.*s\"", list.len > 0 ? ", " : "", static_cast<int>(word.size()),
                         word.data());
    errors.add(ERRCODE_INVALID_PARAMETER_VALUE, name, "\"%s\" must be one of %s", name, list.data);
    return words[0].value;
}

} // namespace opigno::pg
