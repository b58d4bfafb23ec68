#include "json/schema/places.hpp"

#include "json/schema/uri.hpp"

namespace opigno::json::schema {

namespace {

/* A long name has as many copies as there are reports below it. */
constexpr std::size_t max_reported = 1000000;

std::uint64_t address_of(const Value &value)
{
    return reinterpret_cast<std::uintptr_t>(value.bytes.data());
}

std::size_t size_of(Step step)
{
    const std::size_t keyword = step.keyword.empty() ? 0 : 1 + step.keyword.size();
    return keyword + (step.name.data() == nullptr ? 0 : 1 + size_of_token(step.name));
}

void write(char *to, Step step)
{
    if (!step.keyword.empty()) {
        *to++ = '/';
        to = std::copy(step.keyword.begin(), step.keyword.end(), to);
    }
    if (step.name.data() != nullptr) {
        *to++ = '/';
        write_token(to, step.name);
    }
}

} // namespace

PlaceId Places::add(const Place &place)
{
    const PlaceId made = size();
    places_.add() = place;
    if (place.value.type == container_type)
        by_address_[address_of(place.value)] = made + 1;
    return made;
}

PlaceId Places::find(const Value &value) const
{
    return value.type == container_type ? by_address_.find(address_of(value)) - 1 : no_place;
}

std::string_view Places::pointer_to(PlaceId place, Step step)
{
    std::size_t size = size_of(step);
    for (PlaceId at = place; at != no_place; at = places_[at].parent)
        size += size_of(places_[at].step);
    char *text = arena_->bytes(size + 1);
    std::size_t end = size;
    text[end] = '\0';
    const auto prepend = [&](Step before) {
        end -= size_of(before);
        write(text + end, before);
    };
    prepend(step);
    for (PlaceId at = place; at != no_place; at = places_[at].parent)
        prepend(places_[at].step);
    return {text, size};
}

/* The first fault is always kept: without it a schema would count as valid. */
void Places::add_report(SchemaFaults &to, std::size_t &reported, PlaceId place, Step step,
                        std::string_view message)
{
    if (to.size() == max_schema_faults || reported > max_reported)
        return;
    const std::string_view pointer = pointer_to(place, step);
    reported += pointer.size() + message.size();
    to.add() = {pointer.data(), arena_->join({message, std::string_view("\0", 1)}).data()};
}

void Places::add_fault(PlaceId place, Step step, std::string_view message)
{
    add_report(*faults_, reported_faults_, place, step, message);
}

void Places::add_unknown(PlaceId place, Step step, std::string_view message)
{
    add_report(*unknown_, reported_unknown_, place, step, message);
}

} // namespace opigno::json::schema
