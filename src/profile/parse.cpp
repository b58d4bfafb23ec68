/* parse_profiles: the entries of a body as rows; the contract stands in functions.sql. */
#include "pg/text.hpp"
#include "profile/bulk_entry.hpp"
#include "json/text/entry_splitter.hpp"

namespace opigno::profile {

namespace {

/* A set-returning function's rows. */
class EntryRows {
  public:
    explicit EntryRows(FunctionCallInfo fcinfo)
    {
        InitMaterializedSRF(fcinfo, 0);
        result_ = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    }

    void add(const BulkRow &row, const bulk::Fault *fault)
    {
        Datum values[columns] = {Int64GetDatum(row.ordinal)};
        bool nulls[columns] = {false, true, true, true, true, true, true};
        const auto set = [&](int column, Datum value) {
            values[column] = value;
            nulls[column] = false;
        };
        if (row.user_uuid != nullptr)
            set(1, PointerGetDatum(row.user_uuid));
        if (row.has_app)
            set(2, Int32GetDatum(row.app_id));
        if (row.document != nullptr)
            set(3, PointerGetDatum(row.document));
        if (fault != nullptr) {
            set(4, CStringGetTextDatum(unpack_sql_state(fault->sqlstate)));
            set(5, CStringGetTextDatum(fault->path));
            set(6, CStringGetTextDatum(fault->message));
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
    json::EntrySplitter splitter(body, "profiles", [] { CHECK_FOR_INTERRUPTS(); });
    MemoryContext of_entry =
        AllocSetContextCreateInternal(CurrentMemoryContext, "opigno entry", ALLOCSET_DEFAULT_SIZES);
    MemoryContext before = MemoryContextSwitchTo(of_entry);
    BulkRow row;
    std::string_view entry;
    for (std::int64_t ordinal = 1; splitter.next(entry); ++ordinal) {
        CHECK_FOR_INTERRUPTS();
        row = {};
        row.ordinal = ordinal;
        BulkFaults faults(1);
        const bool is_good = read_entry(entry, "profile_data", row, faults);
        rows.add(row, is_good ? nullptr : &faults.sorted()[0]);
        MemoryContextReset(of_entry);
    }
    MemoryContextSwitchTo(before);
    MemoryContextDelete(of_entry);
    if (splitter.flaw() != nullptr)
        ereport(ERROR, errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
                errmsg("the body is no list of profiles: %s", splitter.flaw()));
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
