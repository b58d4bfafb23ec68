#include "bulk/fault.hpp"

#include "pg/text.hpp"

#include <algorithm>

namespace opigno::bulk {

namespace {

bool comes_before(const Fault &left, const Fault &right)
{
    return left.ordinal != right.ordinal ? left.ordinal < right.ordinal
                                         : std::string_view(left.path) < right.path;
}

void write_flaw(json::Writer &out, const char *flaw)
{
    out.begin_object();
    out.key("code").string("22P02");
    out.key("path").string("");
    out.key("message").string(flaw);
    out.end_object();
}

const char *path_of(const Fault &fault, Faults::Within within)
{
    return within == Faults::Within::list ? psprintf("/" INT64_FORMAT "%s", fault.ordinal - 1, fault.path)
                                          : fault.path;
}

void write_fault(json::Writer &out, const Fault &fault, Faults::Within within)
{
    out.begin_object();
    out.key("ordinal").integer(fault.ordinal);
    if (fault.user_uuid != nullptr)
        out.key("user_id").string(pg::view(fault.user_uuid));
    if (fault.app_id.has_value())
        out.key("app_id").integer(*fault.app_id);
    out.key("code").string(unpack_sql_state(fault.sqlstate));
    out.key("path").string(path_of(fault, within));
    out.key("message").string(fault.message);
    out.end_object();
}

} // namespace

void Faults::add(const Fault &fault)
{
    constexpr int most_of_entry = 10;
    if (fault.ordinal != last_ordinal_) {
        ++failed_;
        of_entry_ = 0;
    }
    last_ordinal_ = fault.ordinal;
    if (of_entry_++ < most_of_entry)
        keep(fault);
}

void Faults::add_further(const Fault &fault)
{
    keep(fault);
}

void Faults::keep(const Fault &fault)
{
    MemoryContext before = MemoryContextSwitchTo(context_);
    Fault kept = fault;
    kept.user_uuid = fault.user_uuid == nullptr ? nullptr : pg::make_text(pg::view(fault.user_uuid));
    kept.path = pstrdup(fault.path);
    kept.message = pstrdup(fault.message);
    faults_.push_back(kept);
    MemoryContextSwitchTo(before);
    if (faults_.size() >= 2 * max_kept_ + 100)
        drop_highest();
}

const pg::Vector<Fault> &Faults::sorted()
{
    drop_highest();
    return faults_;
}

void Faults::write(json::Writer &out, const char *flaw, std::size_t max_listed, Within within)
{
    drop_highest();
    out.key("errors").begin_array();
    if (flaw != nullptr)
        write_flaw(out, flaw);
    for (std::size_t at = 0; at < std::min(faults_.size(), max_listed); ++at) {
        CHECK_FOR_INTERRUPTS();
        write_fault(out, faults_[at], within);
    }
    out.end_array();
}

void Faults::drop_highest()
{
    std::sort(faults_.begin(), faults_.end(), comes_before);
    while (faults_.size() > max_kept_) {
        const Fault &last = faults_[faults_.size() - 1];
        pfree(const_cast<char *>(last.path));
        pfree(const_cast<char *>(last.message));
        if (last.user_uuid != nullptr)
            pfree(const_cast<text *>(last.user_uuid));
        faults_.pop_back();
    }
}

std::int32_t max_errors_argument(FunctionCallInfo fcinfo, int number, pg::Faults &faults)
{
    if (PG_ARGISNULL(number))
        return default_max_errors;
    const std::int32_t max_errors = PG_GETARG_INT32(number);
    if (max_errors < 0)
        faults.add(ERRCODE_INVALID_PARAMETER_VALUE, "max_errors", "\"max_errors\" must not be negative");
    return max_errors;
}

} // namespace opigno::bulk
