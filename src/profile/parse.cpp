/* parse_profiles: the entries of a body as rows; functions.sql has the contract. */
#include "app_document/bulk_entry.hpp"
#include "bulk/entries.hpp"
#include "pg/result.hpp"
#include "pg/text.hpp"
#include "profile/kind.hpp"

namespace opigno::profile {

namespace {

using app_document::Entry;

/* Writes the rows of the result. */
class EntryRows {
  public:
    explicit EntryRows(FunctionCallInfo fcinfo)
    {
        InitMaterializedSRF(fcinfo, 0);
        result_ = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    }

    void add(const Entry &entry, const pg::Error *error)
    {
        Datum values[columns] = {Int64GetDatum(entry.ordinal)};
        bool nulls[columns] = {false, true, true, true, true, true, true};
        const auto set = [&](int column, Datum value) {
            values[column] = value;
            nulls[column] = false;
        };
        if (entry.holder != nullptr)
            set(1, PointerGetDatum(entry.holder));
        if (entry.has_app)
            set(2, Int32GetDatum(entry.app_id));
        if (entry.document != nullptr)
            set(3, PointerGetDatum(entry.document));
        if (error != nullptr) {
            set(4, CStringGetTextDatum(unpack_sql_state(error->sqlstate)));
            set(5, CStringGetTextDatum(error->path));
            set(6, CStringGetTextDatum(error->message));
        }
        tuplestore_putvalues(result_->setResult, result_->setDesc, values, nulls);
    }

  private:
    static constexpr int columns = 7;
    ReturnSetInfo *result_;
};

static_assert(std::is_trivially_destructible_v<EntryRows>);

void parse(std::string_view body, EntryRows &rows)
{
    const std::optional<pg::Error> flaw = bulk::for_each_entry(
        body, "profiles", [&](std::int64_t ordinal, std::string_view text, std::size_t /*end*/) {
            Entry entry;
            entry.ordinal = ordinal;
            bulk::Errors errors(1, body);
            const bool is_good = read_entry(text, {profiles, "profile_data"}, entry, errors);
            rows.add(entry, is_good ? nullptr : &errors.sorted()[0]);
        });
    if (flaw.has_value())
        ereport(ERROR, errcode(flaw->sqlstate), errmsg_internal("%s", flaw->message),
                flaw->hint != nullptr ? errhint("%s", flaw->hint) : 0);
}

} // namespace

} // namespace opigno::profile

using namespace opigno;

OPIGNO_STRICT_FUNCTION(opigno_parse_profiles)
{
    profile::EntryRows rows(fcinfo);
    profile::parse(pg::view(PG_GETARG_TEXT_PP(0)), rows);
    return Datum{};
}
