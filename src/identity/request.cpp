#include "identity/request.hpp"

#include "identity/user.hpp"
#include "pg/array.hpp"
#include "pg/parallel.hpp"
#include "pg/setting.hpp"
#include "pg/spi.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace opigno::identity {

namespace {

constexpr const char *setting_name = "opigno_profiles.request";

char *setting = nullptr;
const Request *current = nullptr; /* nullptr if the setting is empty */

/* What the setting's value means. The server frees the holder, but not the request. */
struct Holder {
    const Request *request;
};

/* The value that begin_request() is setting, or nullptr. */
const char *expected = nullptr;

/* The form of the setting: six flags, app_id and client_id, each with a space after it; then the
 * user and the scopes, each with its length and a colon before it. No user has an empty name. */
constexpr char absent = '-';

void append(StringInfo out, std::string_view value)
{
    appendBinaryStringInfo(out, value.data(), static_cast<int>(value.size()));
}

template <typename Number> void append_number(StringInfo out, std::optional<Number> number, char separator)
{
    std::array<char, 24> digits{};
    char *end = digits.data();
    if (number.has_value())
        end = std::to_chars(digits.begin(), digits.end(), *number).ptr;
    else
        *end++ = absent;
    *end++ = separator;
    append(out, {digits.data(), end});
}

void append_name(StringInfo out, std::string_view name)
{
    append_number<std::size_t>(out, name.size(), ':');
    append(out, name);
}

char *setting_of(const Request &request)
{
    StringInfoData out;
    initStringInfo(&out);
    for (const bool flag : {request.is_restricted, request.scope_is_given, request.names_new_user,
                            request.acts_on_all, request.acts_for_every_user, request.is_asserted})
        append(&out, flag ? "1 " : "0 ");
    append_number(&out, request.app_id, ' ');
    append_number(&out, request.client_id, ' ');
    append_name(&out, request.user_uuid == nullptr ? std::string_view() : pg::view(request.user_uuid));
    for (const std::string_view name : pg::names_of(request.scope))
        append_name(&out, name);
    return out.data;
}

/* Removes what is before the separator from the rest, and returns it. */
std::string_view take(std::string_view &rest, char separator)
{
    const std::size_t end = std::min(rest.find(separator), rest.size());
    const std::string_view taken = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return taken;
}

template <typename Number> std::optional<Number> number_of(std::string_view digits)
{
    Number number{};
    const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return fault == std::errc() && end == digits.data() + digits.size() ? std::optional<Number>(number)
                                                                        : std::nullopt;
}

std::string_view take_name(std::string_view &rest)
{
    const std::size_t length = number_of<std::size_t>(take(rest, ':')).value_or(0);
    const std::string_view name = rest.substr(0, length);
    rest.remove_prefix(name.size());
    return name;
}

Request request_of(std::string_view value)
{
    Request request;
    request.is_restricted = take(value, ' ') != "0";
    request.scope_is_given = take(value, ' ') == "1";
    request.names_new_user = take(value, ' ') == "1";
    request.acts_on_all = take(value, ' ') == "1";
    request.acts_for_every_user = take(value, ' ') == "1";
    request.is_asserted = take(value, ' ') == "1";
    request.app_id = number_of<std::int32_t>(take(value, ' '));
    request.client_id = number_of<std::int64_t>(take(value, ' '));
    if (const std::string_view user = take_name(value); !user.empty())
        request.user_uuid = pg::make_text(user);
    pg::Names names;
    while (!value.empty())
        names.push_back(take_name(value));
    request.scope = pg::make_array(names);
    return request;
}

ArrayType *copy_of(const ArrayType *array)
{
    return DatumGetArrayTypePCopy(PointerGetDatum(array));
}

const Request *copy_in(MemoryContext context, const Request &request)
{
    MemoryContext previous = MemoryContextSwitchTo(context);
    auto *copy = static_cast<Request *>(palloc(sizeof(Request)));
    *copy = request;
    if (request.user_uuid != nullptr)
        copy->user_uuid = pg::make_text(pg::view(request.user_uuid));
    copy->scope = copy_of(request.scope);
    MemoryContextSwitchTo(previous);
    return copy;
}

/*
 * Accepts a value from begin_request(). In a parallel worker, accepts the leader's value, which the
 * server copies with the source that it has in the leader. Everything else is refused: SET, set_config(),
 * the settings of roles, databases, functions and connections, and configuration files.
 */
bool check_setting(char **value, void **extra, GucSource source)
{
    const bool is_accepted = (expected != nullptr && std::strcmp(*value, expected) == 0) ||
                             (InitializingParallelWorker && source == PGC_S_SESSION);
    expected = nullptr;
    if (source == PGC_S_DEFAULT && **value == '\0')
        return true;
    if (!is_accepted) {
        GUC_check_errcode(ERRCODE_INSUFFICIENT_PRIVILEGE);
        GUC_check_errmsg("parameter \"%s\" cannot be set", setting_name);
        GUC_check_errdetail("Only the functions of the extension set it, when a request begins.");
        return false;
    }
    auto *holder = static_cast<Holder *>(guc_malloc(LOG, sizeof(Holder)));
    if (holder == nullptr)
        return false;
    /* A worker keeps the request for its whole life, of several transactions. */
    holder->request =
        copy_in(InitializingParallelWorker ? TopMemoryContext : TopTransactionContext, request_of(*value));
    *extra = holder;
    return true;
}

std::uint64_t assignments = 0;

void assign_setting(const char * /*value*/, void *extra)
{
    ++assignments;
    current = extra == nullptr ? nullptr : static_cast<Holder *>(extra)->request;
}

/* The value names a user, so nobody is shown it. */
const char *show_setting()
{
    return "";
}

bool is_same(ArrayType *left, ArrayType *right)
{
    const pg::Names ours = pg::names_of(left);
    const pg::Names theirs = pg::names_of(right);
    return std::equal(ours.begin(), ours.end(), theirs.begin(), theirs.end());
}

} // namespace

const Request *current_request()
{
    return InSecurityRestrictedOperation() ? nullptr : current;
}

std::uint64_t request_number()
{
    return InSecurityRestrictedOperation() ? ~assignments : assignments;
}

void begin_request(const Request &request)
{
    if (IsInParallelMode())
        ereport(ERROR, errcode(ERRCODE_INVALID_TRANSACTION_STATE),
                errmsg("a request cannot begin during a parallel query"),
                errdetail("Parallel workers already act for the current request."),
                errhint("Begin the request in a statement of its own."));
    const char *value = setting_of(request);
    expected = value;
    /* At the level WARNING nothing is raised before the value was checked. */
    const int result = set_config_option(setting_name, value, PGC_SUSET, PGC_S_SESSION, GUC_ACTION_LOCAL,
                                         true, WARNING, false);
    expected = nullptr;
    if (result <= 0)
        elog(ERROR, "could not set \"%s\"", setting_name);
}

bool look_up_user(Request &request)
{
    return pg::with_spi([&](MemoryContext outer) {
        const std::optional<User> user =
            request.user_uuid == nullptr ? std::nullopt : find_user(request.user_uuid);
        request.is_restricted = !user.has_value() || !user->is_active ||
                                !may_act_for_creation_of(request, user->created_by_client_id);
        MemoryContextSwitchTo(outer);
        if (!request.scope_is_given)
            request.scope = user.has_value() ? copy_of(user->scope) : construct_empty_array(TEXTOID);
        return user.has_value();
    });
}

void refresh_request(const text *user_uuid)
{
    if (current == nullptr || current->user_uuid == nullptr || current->is_asserted ||
        (user_uuid != nullptr && pg::view(current->user_uuid) != pg::view(user_uuid)))
        return;
    Request request = *current;
    look_up_user(request);
    if (request.is_restricted != current->is_restricted || !is_same(request.scope, current->scope))
        begin_request(request);
}

void define_request_setting()
{
    DefineCustomStringVariable(
        setting_name, "Holds the current request.",
        "Only the functions of the extension can set it, and parallel workers read it. It is shown as "
        "empty.",
        &setting, "", PGC_SUSET,
        GUC_NO_SHOW_ALL | GUC_NO_RESET_ALL | GUC_NOT_IN_SAMPLE | GUC_DISALLOW_IN_FILE | GUC_SUPERUSER_ONLY,
        check_setting, assign_setting, show_setting);
}

} // namespace opigno::identity
