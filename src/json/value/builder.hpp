/* Makes a jsonb object from members in any order. Of two members with the same key the later one is
 * kept. */
#pragma once

#include "pg/jsonb.hpp"

#include <string_view>
#include <type_traits>

namespace opigno::json {

class ObjectBuilder {
  public:
    ObjectBuilder();

    /* finish() reads key and value, which must live until then. */
    void add(std::string_view key, JsonbValue value);
    [[nodiscard]] bool is_empty() const { return is_empty_; }

    Jsonb *finish();

  private:
    void push(JsonbIteratorToken token, JsonbValue *value);

    JsonbInState state_{};
    bool is_empty_ = true;
};

static_assert(std::is_trivially_destructible_v<ObjectBuilder>);

} // namespace opigno::json
