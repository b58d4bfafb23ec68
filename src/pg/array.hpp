/* Converts text[] to names and back, and makes arrays for unnest(). */
#pragma once

#include "pg/text.hpp"
#include "pg/vector.hpp"

extern "C" {
#include <utils/array.h>
}

#include <string_view>

namespace opigno::pg {

using Names = Vector<std::string_view>;

/* Returns the elements in order. They point into the array. The view of a NULL has no data. */
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

/* Makes an array of values and NULLs: a column for unnest(). */
class ArrayColumn {
  public:
    void add(Datum value, bool is_missing)
    {
        values_.push_back(value);
        nulls_.push_back(is_missing);
    }
    void add(Datum value) { add(value, false); }
    void add(const text *value) { add(PointerGetDatum(value), value == nullptr); }
    void add_missing() { add(Datum{0}, true); }

    [[nodiscard]] Datum array(Oid type, int length, bool by_value, char alignment)
    {
        int dimensions[] = {static_cast<int>(values_.size())};
        int lower_bounds[] = {1};
        return PointerGetDatum(construct_md_array(values_.data(), nulls_.data(), 1, dimensions, lower_bounds,
                                                  type, length, by_value, alignment));
    }
    [[nodiscard]] Datum text_array() { return array(TEXTOID, -1, false, TYPALIGN_INT); }
    [[nodiscard]] Datum integer_array() { return array(INT4OID, 4, true, TYPALIGN_INT); }
    [[nodiscard]] Datum boolean_array() { return array(BOOLOID, 1, true, TYPALIGN_CHAR); }

  private:
    Vector<Datum> values_;
    Vector<bool> nulls_;
};

static_assert(std::is_trivially_destructible_v<ArrayColumn>);

inline ArrayType *array_argument(FunctionCallInfo fcinfo, int argument_number)
{
    return PG_ARGISNULL(argument_number) ? nullptr : PG_GETARG_ARRAYTYPE_P(argument_number);
}

} // namespace opigno::pg
