#include "json/merge_patch.hpp"

#include "json/reader.hpp"

#include <cstring>

namespace opigno::json {

namespace {

/* Pushes MergePatch(target, patch) of the RFC as a root, an element or the value of a key. */
class Merger {
  public:
    void put(const JsonbValue *target, const JsonbValue &patch, JsonbIteratorToken place)
    {
        check_stack_depth();
        if (!is_object(patch)) {
            result_ = push(place, patch);
            return;
        }
        begin_object();
        if (target != nullptr && is_object(*target))
            put_members_of_target(*target, patch);
        put_new_members(target, patch);
        result_ = end_object();
    }
    [[nodiscard]] JsonbValue *result() const { return result_; }

  private:
    static JsonbValue *find(const JsonbValue &object, const JsonbValue &key)
    {
        JsonbValue wanted = key;
        return findJsonbValueFromContainer(object.val.binary.data, JB_FOBJECT, &wanted);
    }

    void put_members_of_target(const JsonbValue &target, const JsonbValue &patch)
    {
        each_key(target, [&](const JsonbValue &key, const JsonbValue &value) {
            const JsonbValue *change = find(patch, key);
            if (change == nullptr) {
                push(WJB_KEY, key);
                push(WJB_VALUE, value);
            } else if (change->type != jbvNull) {
                push(WJB_KEY, key);
                put(&value, *change, WJB_VALUE);
            }
        });
    }

    void put_new_members(const JsonbValue *target, const JsonbValue &patch)
    {
        each_key(patch, [&](const JsonbValue &key, const JsonbValue &value) {
            const bool is_new = target == nullptr || !is_object(*target) || find(*target, key) == nullptr;
            if (!is_new || value.type == jbvNull)
                return;
            push(WJB_KEY, key);
            put(nullptr, value, WJB_VALUE);
        });
    }

    template <typename Visit> static void each_key(const JsonbValue &object, Visit visit)
    {
        JsonbIterator *it = JsonbIteratorInit(object.val.binary.data);
        JsonbValue key{};
        JsonbValue value{};
        JsonbIteratorNext(&it, &key, true);
        while (JsonbIteratorNext(&it, &key, true) == WJB_KEY) {
            CHECK_FOR_INTERRUPTS();
            JsonbIteratorNext(&it, &value, true);
            visit(key, value);
        }
    }

    JsonbValue *push(JsonbIteratorToken place, JsonbValue value)
    {
        return pushJsonbValue(&state_, place, &value);
    }
    void begin_object() { pushJsonbValue(&state_, WJB_BEGIN_OBJECT, nullptr); }
    JsonbValue *end_object() { return pushJsonbValue(&state_, WJB_END_OBJECT, nullptr); }

    JsonbParseState *state_ = nullptr;
    JsonbValue *result_ = nullptr;
};

static_assert(std::is_trivially_destructible_v<Merger>);

} // namespace

Jsonb *merge_patch(Jsonb *target, Jsonb *patch)
{
    const JsonbValue patch_root = root_of(patch);
    if (!is_object(patch_root))
        return patch;
    JsonbValue target_root{};
    if (target != nullptr)
        target_root = root_of(target);
    Merger merger;
    merger.put(target == nullptr ? nullptr : &target_root, patch_root, WJB_VALUE);
    return JsonbValueToJsonb(merger.result());
}

bool is_same(const Jsonb *left, const Jsonb *right)
{
    return VARSIZE(left) == VARSIZE(right) && std::memcmp(left, right, VARSIZE(left)) == 0;
}

} // namespace opigno::json

using namespace opigno;

OPIGNO_FUNCTION(opigno_jsonb_merge_patch)
{
    PG_RETURN_JSONB_P(json::merge_patch(PG_GETARG_JSONB_P(0), PG_GETARG_JSONB_P(1)));
}
