/* Making a jsonb object from members in any order; of two with one key the later stays. */
#pragma once

#include "json/value/reader.hpp"

#include <string_view>
#include <type_traits>

namespace opigno::json {

class ObjectBuilder {
  public:
    ObjectBuilder() { push(WJB_BEGIN_OBJECT, nullptr); }

    /* Key and value are read until finish(), and must live as long. */
    void add(std::string_view key, JsonbValue value)
    {
        JsonbValue name = string_value(key);
        push(WJB_KEY, &name);
        push(WJB_VALUE, &value);
        is_empty_ = false;
    }
    [[nodiscard]] bool is_empty() const { return is_empty_; }

    Jsonb *finish()
    {
        push(WJB_END_OBJECT, nullptr);
        return JsonbValueToJsonb(result());
    }

  private:
    void push(JsonbIteratorToken token, JsonbValue *value) { pushJsonbValue(&state_, token, value); }
    [[nodiscard]] JsonbValue *result() const { return state_.result; }

    JsonbInState state_{};
    bool is_empty_ = true;
};

static_assert(std::is_trivially_destructible_v<ObjectBuilder>);

} // namespace opigno::json
