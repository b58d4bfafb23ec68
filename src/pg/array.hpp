/* text[] as names and back. */
#pragma once

#include "pg/text.hpp"
#include "pg/vector.hpp"

#include <string_view>

namespace opigno::pg {

using Names = Vector<std::string_view>;

/* The elements in order, a NULL as a view without data. They point into the array. */
inline Names names_of(ArrayType *array)
{
    Datum *values = nullptr;
    bool *nulls = nullptr;
    int count = 0;
    deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &values, &nulls, &count);
    Names names;
    for (int at = 0; at < count; ++at)
        names.push_back(nulls[at] ? std::string_view() : view(DatumGetTextPP(values[at])));
    return names;
}

inline ArrayType *make_array(const Names &names)
{
    Vector<Datum> values;
    for (const std::string_view name : names)
        values.push_back(PointerGetDatum(make_text(name)));
    return construct_array(values.data(), static_cast<int>(values.size()), TEXTOID, -1, false, TYPALIGN_INT);
}

inline ArrayType *array_argument(FunctionCallInfo fcinfo, int number)
{
    return PG_ARGISNULL(number) ? nullptr : PG_GETARG_ARRAYTYPE_P(number);
}

} // namespace opigno::pg
