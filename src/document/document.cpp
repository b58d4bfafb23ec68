#include "document/document.hpp"

#include "pg/jsonb.hpp"
#include "pg/time.hpp"

#include <algorithm>

namespace opigno::document {

namespace {

/* The parameters of a statement: the key, followed by those that add() appends. */
class Parameters {
  public:
    explicit Parameters(const Key &key) : size_(static_cast<std::size_t>(key.size))
    {
        std::copy_n(key.values, size_, values_);
    }
    Parameters &add(Datum value)
    {
        values_[size_++] = value;
        return *this;
    }
    [[nodiscard]] const Datum *values() const { return values_; }

  private:
    Datum values_[7] = {};
    std::size_t size_;
};

static_assert(std::is_trivially_destructible_v<Parameters>);

Datum now()
{
    return TimestampTzGetDatum(GetCurrentTransactionStartTimestamp());
}

std::optional<std::int64_t> returned_version(std::uint64_t rows)
{
    return rows == 0 ? std::nullopt : std::optional<std::int64_t>(DatumGetInt64(pg::column(1)));
}

} // namespace

Found find(const Table &table, const Key &key, bool lock)
{
    if ((lock ? table.lock_row.write(key.values) : table.select_row.read_latest(key.values)) == 0)
        return {};
    return {DatumGetInt64(pg::column(1)), DatumGetTransactionId(pg::column(2)),
            reinterpret_cast<ItemPointer>(DatumGetPointer(pg::column(3))), DatumGetJsonbP(pg::column(4))};
}

std::optional<std::int64_t> insert(const Table &table, const Key &key, const Jsonb *document)
{
    Parameters parameters(key);
    parameters.add(PointerGetDatum(document)).add(now()).add(Int64GetDatum(table.first_version()));
    return returned_version(table.insert_row.write(parameters.values()));
}

std::optional<std::int64_t> update(const Table &table, const Key &key, const Jsonb *document,
                                   const Found &found)
{
    Parameters parameters(key);
    parameters.add(PointerGetDatum(document))
        .add(now())
        .add(Int64GetDatum(found.version))
        .add(TransactionIdGetDatum(found.written_by))
        .add(PointerGetDatum(found.place));
    return returned_version(table.update_row.write(parameters.values()));
}

void give_up(const Table &table)
{
    ereport(ERROR, errcode(ERRCODE_WRONG_STATE), errmsg("could not write the %s", table.what),
            errhint("Look for a trigger on %s that suppresses what is written, or for sessions that "
                    "create and remove the same %s all the time.",
                    table.name, table.what));
}

std::optional<std::int64_t> remove(const Table &table, const Key &key, pg::ExpectedVersion expected)
{
    Parameters parameters(key);
    parameters.add(Int64GetDatum(expected.value_or(0)));
    char nulls[] = {' ', ' ', ' '};
    nulls[key.size] = expected.value_or(pg::any_version) == pg::any_version ? 'n' : ' ';
    for (int round = 0; round < max_rounds; ++round) {
        CHECK_FOR_INTERRUPTS();
        if (table.remove_row->write(parameters.values(), nulls) > 0) {
            const std::int64_t version = DatumGetInt64(pg::column(1));
            pg::note_deleted_version(version);
            return version;
        }
        const Found found = find(table, key, false);
        pg::check_version(table.what, found.version, expected);
        if (found.version == 0)
            return std::nullopt;
    }
    give_up(table);
}

} // namespace opigno::document
