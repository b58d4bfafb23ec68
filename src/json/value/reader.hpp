/* Reads one level of a jsonb value. Keys and strings point into the value. */
#pragma once

#include "pg/jsonb.hpp"

#include <string_view>

namespace opigno::json {

inline std::string_view string_of(const JsonbValue &value)
{
    return {value.val.string.val, static_cast<std::size_t>(value.val.string.len)};
}

/* The value points to the text. */
inline JsonbValue string_value(std::string_view text)
{
    JsonbValue value{};
    value.type = jbvString;
    value.val.string.val = const_cast<char *>(text.data());
    value.val.string.len = static_cast<int>(text.size());
    return value;
}

/* The value at the root: a scalar as itself, an object or array as a jbvBinary. */
JsonbValue root_of(Jsonb *document);

inline bool is_object(const JsonbValue &value)
{
    return value.type == jbvBinary && JsonContainerIsObject(value.val.binary.data);
}

inline bool is_array(const JsonbValue &value)
{
    return value.type == jbvBinary && JsonContainerIsArray(value.val.binary.data);
}

/* The type with its article, for messages: "an object". */
const char *type_of(const JsonbValue &value);

/* Calls visit(key, value) for each member of an object, in jsonb's order: shorter keys first. */
template <typename Visit> void each_member(const JsonbValue &object, Visit visit)
{
    JsonbIterator *it = JsonbIteratorInit(object.val.binary.data);
    JsonbValue key{};
    JsonbValue value{};
    JsonbIteratorNext(&it, &key, true);
    while (JsonbIteratorNext(&it, &key, true) == WJB_KEY) {
        JsonbIteratorNext(&it, &value, true);
        visit(string_of(key), value);
    }
}

/* Calls visit(value) for each element of an array. */
template <typename Visit> void each_element(const JsonbValue &array, Visit visit)
{
    JsonbIterator *it = JsonbIteratorInit(array.val.binary.data);
    JsonbValue value{};
    JsonbIteratorNext(&it, &value, true);
    while (JsonbIteratorNext(&it, &value, true) == WJB_ELEM)
        visit(value);
}

} // namespace opigno::json
