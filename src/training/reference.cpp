#include "training/reference.hpp"

#include "pg/spi.hpp"
#include "pg/text.hpp"

#include <algorithm>

namespace opigno::training {

namespace {

using Views = pg::Vector<std::string_view>;

constexpr Oid list_type[] = {TEXTARRAYOID};
constinit pg::BatchStatement
    lock_rows("SELECT t.training_id::text FROM unnest($1) WITH ORDINALITY AS i (training_id, n)"
              " JOIN opigno.training AS t ON t.training_id = i.training_id"
              " ORDER BY i.n FOR KEY SHARE OF t",
              list_type);

} // namespace

pg::Vector<bool> lock_trainings(ArrayType *training_ids)
{
    const pg::Names given = pg::names_of(training_ids);
    Views ids;
    for (const std::string_view id : given)
        ids.push_back(id);
    std::sort(ids.begin(), ids.end());
    pg::ArrayColumn distinct;
    std::for_each(ids.begin(), std::unique(ids.begin(), ids.end()),
                  [&](std::string_view id) { distinct.add(pg::make_text(id)); });
    const Datum list = distinct.text_array();
    const std::uint64_t found = lock_rows.write(&list);
    Views known;
    for (std::uint64_t row = 0; row < found; ++row)
        known.push_back(pg::view(DatumGetTextPP(pg::column(1, row))));
    std::sort(known.begin(), known.end());
    pg::Vector<bool> exists;
    for (const std::string_view id : given)
        exists.push_back(std::binary_search(known.begin(), known.end(), id));
    return exists;
}

void add_missing_training(const char *member, pg::Errors &errors)
{
    errors.add(ERRCODE_FOREIGN_KEY_VIOLATION, member, "%s", training_does_not_exist);
    errors.hint("opigno.set_training() creates one.");
}

} // namespace opigno::training
