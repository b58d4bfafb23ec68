#include "account/view.hpp"

#include "account/preference.hpp"
#include "identity/scope.hpp"
#include "identity/visibility.hpp"
#include "pg/argument.hpp"
#include "pg/array.hpp"
#include "pg/jsonb.hpp"
#include "pg/spi.hpp"
#include "pg/time.hpp"
#include "json/merge/merge_patch.hpp"
#include "json/text/json_text.hpp"
#include "json/value/reader.hpp"

#include <algorithm>

namespace opigno::account {

namespace {

/* $1: the users. $2: whether to read all preferences of all of them. $3: a user whose preferences
 * to read in any case. $4: how many bytes of preferences to show. $5: the keys of the preferences
 * that control who sees a member; their valid values have at most 9 bytes. LIMIT makes the planner
 * look up each preference by its key, and never scan all preferences of the user. */
constexpr Oid look_up_types[] = {TEXTARRAYOID, BOOLOID, TEXTOID, INT8OID, TEXTARRAYOID};
constinit pg::BatchStatement select_accounts(
    "SELECT c.uuid::text, c.id, c.display_name::text, c.is_active, c.scope::text[], c.created_at,"
    "  a.extended_profile, c.account_version + coalesce(a.version, 0),"
    "  (SELECT jsonb_object_agg(k.key, p.value) FROM unnest($5) AS k (key), LATERAL ("
    "    SELECT p.value FROM opigno.preference AS p"
    "    WHERE p.user_uuid = u.uuid AND p.key = k.key AND octet_length(p.value) <= 9 LIMIT 1) AS p),"
    "  CASE WHEN $2 OR c.uuid = $3 THEN " OPIGNO_PREFERENCES_OF(
        "u.uuid", "$4") " END, c.preferences_version"
                        " FROM unnest($1) WITH ORDINALITY AS u (uuid, n)"
                        "  JOIN opigno.user_context AS c ON c.uuid = u.uuid"
                        "  LEFT JOIN opigno.account AS a ON a.user_uuid = u.uuid ORDER BY u.n",
    look_up_types);
/* The same columns of one user, whose preferences are read by a statement of their own. */
constexpr Oid user_type[] = {TEXTOID};
constinit pg::Statement
    select_account("SELECT c.uuid::text, c.id, c.display_name::text, c.is_active, c.scope::text[],"
                   "  c.created_at, a.extended_profile, c.account_version + coalesce(a.version, 0),"
                   "  NULL::jsonb, NULL::jsonb, c.preferences_version"
                   " FROM opigno.user_context AS c"
                   "  LEFT JOIN opigno.account AS a ON a.user_uuid = c.uuid WHERE c.uuid = $1",
                   user_type);
enum Column {
    uuid = 1,
    id,
    display_name,
    is_active,
    scope,
    created_at,
    extended_profile,
    version,
    choices,
    preferences,
    preferences_version
};

constexpr std::string_view authenticated = "AUTHENTICATED";

ArrayType *choice_keys(const Fields &fields)
{
    pg::Names keys;
    keys.push_back(privacy_key);
    keys.push_back(choice_key("name"));
    keys.push_back(choice_key("date_joined"));
    for (const Field &field : fields)
        if (field.visibility == Visibility::Custom)
            keys.push_back(choice_key(field.name));
    return pg::make_array(keys);
}

bool is_authenticated(const identity::Request &request)
{
    identity::ScopeRegistry registry(identity::ScopeRegistry::View::Statement);
    return registry.implies(pg::names_of(request.scope), authenticated);
}

/* The members of a jsonb object. NULL, or another type, counts as an empty object. */
class Members {
  public:
    explicit Members(std::optional<Datum> object)
        : object_(object.has_value() ? DatumGetJsonbP(*object) : nullptr)
    {
        if (object_ != nullptr && !JB_ROOT_IS_OBJECT(object_))
            object_ = nullptr;
    }

    [[nodiscard]] const JsonbValue *find(std::string_view key)
    {
        return object_ == nullptr ? nullptr
                                  : getKeyJsonValueFromContainer(&object_->root, key.data(),
                                                                 static_cast<int>(key.size()), &found_);
    }
    /* The value of a preference that controls who sees a member, or nothing. */
    [[nodiscard]] std::string_view choice(std::string_view key)
    {
        constexpr int longest_choice = 9;
        const JsonbValue *value = find(key);
        return value == nullptr || value->val.string.len > longest_choice ? std::string_view()
                                                                          : json::string_of(*value);
    }

  private:
    Jsonb *object_;
    JsonbValue found_{};
};

/* Writes what a view shows of one account. */
class Account {
  public:
    /* all: all preferences, if they were read apart. */
    Account(std::uint64_t row, View view, std::string_view default_visibility,
            std::optional<Datum> all = std::nullopt)
        : row_(row), view_(view), fields_(pg::nullable_column(extended_profile, row)),
          preferences_(all.has_value() ? all : pg::nullable_column(preferences, row)),
          choices_(all.has_value() ? all : pg::nullable_column(choices, row)),
          privacy_(choices_.choice(privacy_key))
    {
        if (privacy_.empty())
            privacy_ = default_visibility;
    }

    void write(json::Writer &out, const Fields &fields, const pg::Names &not_shown)
    {
        out.begin_object();
        out.key("username").string(pg::view(DatumGetTextPP(pg::column(uuid, row_))));
        write_user(out);
        write_members(out, fields);
        out.key("extended_profile").begin_array();
        write_list(out, fields);
        out.end_array();
        out.key("account_privacy").string(privacy_);
        if (is_whole()) {
            write_preferences(out);
            out.key("preferences_version").integer(DatumGetInt64(pg::column(preferences_version, row_)));
            out.key("version").integer(DatumGetInt64(pg::column(version, row_)));
        }
        write_not_shown(out, not_shown);
        out.end_object();
    }

  private:
    [[nodiscard]] bool is_whole() const { return view_ >= View::Own; }

    /* Whether the account's user has chosen to show this member to all users. */
    bool is_chosen(std::string_view member)
    {
        return privacy_ == "custom" && choices_.choice(choice_key(member)) == "all_users";
    }
    bool shows(const Field &field)
    {
        switch (field.visibility) {
        case Visibility::Shared:
            return true;
        case Visibility::Custom:
            return is_whole() || privacy_ == "all_users" || is_chosen(field.name);
        case Visibility::Private:
            break;
        }
        return is_whole();
    }

    void write_user(json::Writer &out)
    {
        if (view_ == View::Operator) {
            char digits[MAXINT8LEN + 1];
            pg_lltoa(DatumGetInt64(pg::column(id, row_)), digits);
            out.key("id").string(digits);
        }
        if (is_whole() || is_chosen("name"))
            out.key("name").string(pg::view(DatumGetTextPP(pg::column(display_name, row_))));
        if (is_whole())
            out.key("is_active").boolean(DatumGetBool(pg::column(is_active, row_)));
        if (is_whole() || privacy_ == "all_users" || is_chosen("date_joined"))
            out.key("date_joined").timestamp(DatumGetTimestampTz(pg::column(created_at, row_)));
        if (!is_whole())
            return;
        out.key("scope").begin_array();
        for (const std::string_view name : pg::names_of(DatumGetArrayTypeP(pg::column(scope, row_))))
            out.string(name);
        out.end_array();
    }
    void write_preferences(json::Writer &out) const
    {
        out.key("preferences");
        if (preferences_.has_value())
            out.value(json::root_of(DatumGetJsonbP(*preferences_)));
        else
            out.null();
    }
    void write_members(json::Writer &out, const Fields &fields)
    {
        for (const Field &field : fields) {
            if (!field.in_account || !shows(field))
                continue;
            out.member(field.name);
            write_value(out, field);
        }
    }
    void write_list(json::Writer &out, const Fields &fields)
    {
        for (const Field &field : fields) {
            if (field.in_account || !shows(field))
                continue;
            out.begin_object();
            out.key("field_name").string(field.name);
            out.key("field_value");
            write_value(out, field);
            out.end_object();
        }
    }
    void write_value(json::Writer &out, const Field &field)
    {
        const JsonbValue *value = fields_.find(field.name);
        const bool is_empty =
            value == nullptr || (value->type == jbvString && json::string_of(*value).empty());
        if (is_empty && field.empty_as == EmptyAs::List) {
            out.begin_array();
            out.end_array();
        } else if (is_empty && (field.empty_as == EmptyAs::Null || (value == nullptr && field.in_account))) {
            out.null();
        } else if (value != nullptr) {
            out.value(*value);
        } else {
            out.string("");
        }
    }
    static void write_not_shown(json::Writer &out, const pg::Names &names)
    {
        if (names.empty())
            return;
        out.key("not_shown").begin_array();
        for (const std::string_view name : names)
            out.string(name);
        out.end_array();
    }

    std::uint64_t row_;
    View view_;
    Members fields_;
    std::optional<Datum> preferences_;
    Members choices_;
    std::string_view privacy_;
};

static_assert(std::is_trivially_destructible_v<Account>);

} // namespace

View view_argument(FunctionCallInfo fcinfo, int argument_number)
{
    constexpr pg::Word<View> words[] = {
        {"operator", View::Operator}, {"own", View::Own}, {"shared", View::Shared}};
    pg::Errors errors;
    const View view = pg::word_argument(fcinfo, argument_number, "view", words, errors);
    errors.raise();
    return view;
}

Reader::Reader(const identity::Caller &caller, View most)
    : most_(most), sees_all_(caller.acts_on_all || caller.reads_all)
{
    const identity::Request *request = identity::acting_request();
    if (sees_all_ || request == nullptr)
        return;
    own_ = request->user_uuid;
    if (is_authenticated(*request))
        of_others_ = View::Shared;
}

View Reader::view_of(const text *user_uuid) const
{
    switch (identity::visibility_of(user_uuid, sees_all_)) {
    case identity::Visibility::All:
        return std::min(View::Operator, most_);
    case identity::Visibility::Own:
        return std::min(View::Own, most_);
    case identity::Visibility::None:
        break;
    }
    return std::min(of_others_, most_);
}

std::uint64_t Reader::look_up(const pg::Names &user_uuids, const Fields &fields, bool latest) const
{
    const bool is_whole = most_ >= View::Own;
    const bool is_own_whole = is_whole && own_ != nullptr;
    const Datum values[] = {PointerGetDatum(pg::make_array(user_uuids)), BoolGetDatum(sees_all_ && is_whole),
                            PointerGetDatum(own_), Int64GetDatum(max_preference_bytes),
                            PointerGetDatum(choice_keys(fields))};
    const char nulls[] = {' ', ' ', is_own_whole ? ' ' : 'n', ' ', ' '};
    return latest ? select_accounts.write(values, nulls) : select_accounts.read(values, nulls);
}

text *user_of(std::uint64_t row)
{
    return DatumGetTextPP(pg::column(uuid, row));
}

bool Reader::write(json::Writer &out, std::uint64_t row, const Fields &fields,
                   const pg::Names &not_shown) const
{
    const View view = view_of(user_of(row));
    if (view == View::None || (view == View::Shared && !DatumGetBool(pg::column(is_active, row))))
        return false;
    Account(row, view, fields.default_visibility).write(out, fields, not_shown);
    return true;
}

bool Reader::write_one(json::Writer &out, text *user_uuid, const Fields &fields) const
{
    const View view = view_of(user_uuid);
    Jsonb *all = view >= View::Own ? preferences_of(user_uuid, false) : nullptr;
    if (all == nullptr) {
        pg::Names names;
        names.push_back(pg::view(user_uuid));
        return look_up(names, fields, false) > 0 && write(out, 0, fields);
    }
    const Datum key = PointerGetDatum(user_uuid);
    if (select_account.read(&key) == 0)
        return false;
    Account(0, view, fields.default_visibility, JsonbPGetDatum(all)).write(out, fields, {});
    return true;
}

void ShownAccount::read()
{
    is_read_ = true;
    const Reader reader(caller_, View::Operator);
    pg::Names names;
    names.push_back(pg::view(user_uuid_));
    json::Writer out;
    if (reader.look_up(names, fields_, true) == 0 || !reader.write(out, 0, fields_))
        return;
    pg::Error why{};
    account_ = json::try_read_json(pg::view(DatumGetTextPP(out.json())), why);
}

bool ShownAccount::has(std::string_view member, const JsonbValue &value)
{
    if (!is_read_)
        read();
    JsonbValue found{};
    JsonbValue *stored = account_ == nullptr
                             ? nullptr
                             : getKeyJsonValueFromContainer(&account_->root, member.data(),
                                                            static_cast<int>(member.size()), &found);
    return stored != nullptr &&
           json::is_same(JsonbValueToJsonb(stored), JsonbValueToJsonb(const_cast<JsonbValue *>(&value)));
}

} // namespace opigno::account
