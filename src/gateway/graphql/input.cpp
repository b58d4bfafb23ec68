#include "gateway/graphql/input.hpp"

#include "gateway/graphql/literal.hpp"
#include "gateway/graphql/validation.hpp"
#include "gateway/number.hpp"
#include "pg/number.hpp"
#include "pg/text.hpp"
#include "json/text/json_text.hpp"
#include "json/value/integer.hpp"
#include "json/value/reader.hpp"

#include <algorithm>
#include <limits>

namespace opigno::graphql {

namespace {

constexpr Input absent;
constexpr std::size_t max_errors = 100;

std::string_view digits_of(const JsonbValue &number)
{
    return DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(number.val.numeric)));
}

/* Returns nothing unless the value is an integer up to this one, or down to its negative less 1. */
std::string_view digits_of_integer(const JsonbValue &value, std::int64_t most)
{
    if (value.type != jbvNumeric)
        return {};
    const std::optional<std::int64_t> integer = json::integer_of(value);
    if (!integer.has_value() || *integer > most || *integer < -most - 1)
        return {};
    return psprintf(INT64_FORMAT, *integer);
}

/* Returns a member of an object, or nullptr. */
const JsonbValue *find_member(const JsonbValue &object, std::string_view name)
{
    return getKeyJsonValueFromContainer(object.val.binary.data, name.data(), static_cast<int>(name.size()),
                                        nullptr);
}

/* Coerces the value of one variable. Says where in the value the first error is. */
class Coercion {
  public:
    Coercion(const Schema &schema, const Variables &variables) : schema_(schema), variables_(variables)
    {
        initStringInfo(&path_);
    }

    bool read(TypeReference type, const JsonbValue &given, Input &input);
    [[nodiscard]] std::string_view path() const { return {path_.data, static_cast<std::size_t>(path_.len)}; }
    [[nodiscard]] const char *expected() const { return expected_; }

  private:
    bool read_leaf(const Type &type, const JsonbValue &given, Input &input);
    bool write(json::Writer &out, TypeReference type, const JsonbValue &given);
    bool write_list(json::Writer &out, TypeReference inner, const JsonbValue &given);
    bool write_object(json::Writer &out, const Type &type, const JsonbValue &given);
    bool write_member(json::Writer &out, const InputValue &declared, const JsonbValue *given);
    bool has_only_declared(const Type &type, const JsonbValue &given);
    bool refuse(TypeReference type)
    {
        Arena arena;
        expected_ = psprintf("expected type \"%s\"",
                             pg::quoted(spelled(type, arena), std::numeric_limits<int>::max()));
        return false;
    }

    const Schema &schema_;
    const Variables &variables_;
    StringInfoData path_{};
    const char *expected_ = nullptr;
};

bool Coercion::read_leaf(const Type &type, const JsonbValue &given, Input &input)
{
    const bool is_string = given.type == jbvString;
    if (type.kind == TypeKind::Enum) {
        input = {InputKind::String, is_string ? json::string_of(given) : std::string_view()};
        return is_string && schema_.find_value(type, input.text) != nullptr;
    }
    switch (type.form) {
    case ScalarForm::Int:
        input = {InputKind::Number, digits_of_integer(given, std::numeric_limits<std::int32_t>::max())};
        return !input.text.empty();
    case ScalarForm::Float:
        input = {InputKind::Number, given.type == jbvNumeric ? digits_of(given) : std::string_view()};
        return given.type == jbvNumeric;
    case ScalarForm::Boolean:
        input = {InputKind::Boolean, given.type == jbvBool && given.val.boolean ? "true" : "false"};
        return given.type == jbvBool;
    case ScalarForm::String:
        input = {InputKind::String, is_string ? json::string_of(given) : std::string_view()};
        return is_string;
    case ScalarForm::Id:
        input = {InputKind::String, is_string
                                        ? json::string_of(given)
                                        : digits_of_integer(given, std::numeric_limits<std::int64_t>::max())};
        return is_string || !input.text.empty();
    case ScalarForm::BigInt:
        if (const auto number = is_string ? number_in(json::string_of(given)) : std::nullopt; number) {
            input = *number;
            return true;
        }
        break;
    case ScalarForm::Any:
        break;
    }
    auto *document = static_cast<JsonbValue *>(palloc(sizeof(JsonbValue)));
    *document = given;
    input = {InputKind::Json, {}, document};
    return true;
}

bool Coercion::read(TypeReference type, const JsonbValue &given, Input &input)
{
    const Layers layers = type.layers.nullable();
    if (given.type == jbvNull) {
        input = {InputKind::Null};
        return !type.layers.is_non_null() || refuse(type);
    }
    if (layers.empty() && type.type->is_leaf())
        return read_leaf(*type.type, given, input) || refuse(type);
    json::Writer out;
    if (!write(out, type, given))
        return false;
    input = {InputKind::Json, out.text()};
    return true;
}

/* The depth of this recursion is that of the type. */
bool Coercion::write(json::Writer &out, TypeReference type, const JsonbValue &given)
{
    const Layers layers = type.layers.nullable();
    if (given.type == jbvNull) {
        out.null();
        return !type.layers.is_non_null() || refuse(type);
    }
    if (layers.outer() == Layer::List)
        return write_list(out, {type.type, layers.inner()}, given);
    if (!type.type->is_leaf())
        return json::is_object(given) ? write_object(out, *type.type, given) : refuse(type);
    Input input;
    if (!read_leaf(*type.type, given, input))
        return refuse(type);
    write_input(out, input);
    return true;
}

bool Coercion::write_list(json::Writer &out, TypeReference inner, const JsonbValue &given)
{
    bool is_good = true;
    out.begin_array();
    if (json::is_array(given)) {
        int place = 0;
        json::each_element(given, [&](const JsonbValue &element) {
            CHECK_FOR_INTERRUPTS();
            if (!is_good)
                return;
            const int length = path_.len;
            appendStringInfo(&path_, "[%d]", place++);
            is_good = write(out, inner, element);
            if (is_good)
                path_.data[path_.len = length] = '\0';
        });
    } else {
        is_good = write(out, inner, given);
    }
    out.end_array();
    return is_good;
}

bool Coercion::has_only_declared(const Type &type, const JsonbValue &given)
{
    bool is_good = true;
    json::each_member(given, [&](std::string_view name, const JsonbValue &) {
        if (is_good && type.find_input_field(name) == nullptr) {
            is_good = false;
            expected_ = psprintf("type \"%s\" has no field \"%s\"", type.name.data(), pg::quoted(name));
        }
    });
    return is_good;
}

bool Coercion::write_member(json::Writer &out, const InputValue &declared, const JsonbValue *given)
{
    if (given != nullptr)
        return write(out.member(declared.name), declared.type, *given);
    if (declared.is_required())
        return refuse(declared.type);
    if (!declared.default_value.empty())
        write_input(out.member(declared.name), LiteralReader::read_default(declared));
    return true;
}

bool Coercion::write_object(json::Writer &out, const Type &type, const JsonbValue &given)
{
    if (!has_only_declared(type, given))
        return false;
    out.begin_object();
    for (const InputValue &declared : type.input_fields) {
        const int length = path_.len;
        appendStringInfo(&path_, ".%s", declared.name.data());
        if (!write_member(out, declared, find_member(given, declared.name)))
            return false;
        path_.data[path_.len = length] = '\0';
    }
    out.end_object();
    return true;
}

void add_error(Errors &errors, const Variable &variable, const char *message)
{
    Arena arena;
    auto *error = arena.make<Error>();
    auto *at = arena.make<Offset>();
    *at = variable.at;
    error->message = message;
    error->at = {at, 1};
    errors.add(error);
}

} // namespace

std::optional<Input> number_in(std::string_view digits)
{
    const std::optional<std::int64_t> number = gateway::number_of<std::int64_t>(digits);
    if (!number.has_value())
        return std::nullopt;
    return Input{InputKind::Number, psprintf(INT64_FORMAT, *number)};
}

void write_input(json::Writer &out, const Input &input)
{
    switch (input.kind) {
    case InputKind::Absent:
    case InputKind::Null:
        return out.null();
    case InputKind::String:
        return out.string(input.text);
    case InputKind::Boolean:
    case InputKind::Number:
        return out.json(input.text);
    case InputKind::Json:
        break;
    }
    if (input.document != nullptr)
        out.value(*input.document);
    else
        out.json(input.text);
}

Jsonb *to_jsonb(const Input &input)
{
    if (input.kind == InputKind::Json && input.document != nullptr)
        return JsonbValueToJsonb(const_cast<JsonbValue *>(input.document));
    json::Writer out;
    write_input(out, input);
    return json::read_json(out.text());
}

Errors Variables::read(const JsonbValue *given)
{
    Errors errors;
    for (const Variable &variable : operation_.variables) {
        if (errors.size() >= max_errors)
            break;
        const TypeReference type = variable.type;
        const char *name = pg::quoted(variable.name.text);
        const JsonbValue *value = given == nullptr ? nullptr : find_member(*given, variable.name.text);
        Input input;
        Coercion coercion(schema_, *this);
        if (value != nullptr) {
            if (!coercion.read(type, *value, input))
                add_error(errors, variable,
                          psprintf("Variable \"$%s\" got an invalid value at \"%s%s\": %s.", name, name,
                                   pg::quoted(coercion.path(), 200), coercion.expected()));
        } else if (variable.default_value != nullptr) {
            LiteralReader reader(nullptr, max_made);
            input = reader.read(type, *variable.default_value);
            if (reader.fault() != nullptr)
                add_error(errors, variable, psprintf("Variable \"$%s\": %s.", name, reader.fault()));
        } else if (type.layers.is_non_null()) {
            Arena arena;
            add_error(errors, variable,
                      psprintf("Variable \"$%s\" of required type \"%s\" was not provided.", name,
                               pg::quoted(spelled(type, arena), std::numeric_limits<int>::max())));
        }
        values_.push_back(input);
    }
    return errors;
}

const Input &Variables::value_of(std::string_view name) const
{
    std::size_t at = 0;
    for (const Variable &variable : operation_.variables) {
        if (variable.name.text == name)
            return at < values_.size() ? values_[at] : absent;
        ++at;
    }
    return absent;
}

std::span<const Input> read_arguments(std::span<const InputValue> declared, const Chain<Value> &given,
                                      const Variables &variables, std::size_t &left, const char *&fault)
{
    auto *inputs = static_cast<Input *>(palloc0(sizeof(Input) * std::max<std::size_t>(declared.size(), 1)));
    LiteralReader reader(&variables, left);
    std::size_t at = 0;
    for (const InputValue &argument : declared) {
        const auto found = std::find_if(given.begin(), given.end(),
                                        [&](const Value &value) { return value.name.text == argument.name; });
        Input &input = inputs[at++];
        if (found != given.end())
            input = found->kind == ValueKind::Variable ? variables.value_of(found->text)
                                                       : reader.read(argument.type, *found);
        if (input.kind == InputKind::Absent)
            input = LiteralReader::read_default(argument);
        if (argument.type.layers.is_non_null() && !input.is_given())
            fault = psprintf("Argument \"%s\" must not be null.", argument.name.data());
    }
    left = reader.left();
    if (reader.fault() != nullptr)
        fault = psprintf("An argument is invalid: %s.", reader.fault());
    return {inputs, declared.size()};
}

} // namespace opigno::graphql
