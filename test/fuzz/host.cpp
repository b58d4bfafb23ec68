#include "fuzz/host.hpp"
#include "fuzz/parse_text.hpp"

#include "json/schema/host.hpp"
#include "json/schema/number.hpp"
#include "json/text/host.hpp"
#include "json/text/string_text.hpp"
#include "json/value/host.hpp"

#include <pthread.h>

#include <cstdlib>
#include <cstring>
#include <vector>

namespace opigno::test {

Arena &Arena::current()
{
    if (current_ == nullptr)
        std::abort();
    return *current_;
}

} // namespace opigno::test

namespace opigno::json {

void *allocate(std::size_t bytes)
{
    return test::Arena::current().allocate(bytes);
}

void poll()
{
    test::Arena::current().poll();
}

char *write_number(char *to, std::string_view text)
{
    const std::string bytes = test::server_number(text);
    std::memcpy(to, bytes.data(), bytes.size());
    return to + bytes.size();
}

char *write_character(char *to, std::uint32_t point)
{
    return write_utf8(to, point);
}

} // namespace opigno::json

namespace opigno::json::schema {

namespace {

/* The lowest address of this thread's stack. */
const char *end_of_stack()
{
    pthread_attr_t attributes;
    void *lowest = nullptr;
    std::size_t size = 0;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0)
        std::abort();
    pthread_attr_getstack(&attributes, &lowest, &size);
    pthread_attr_destroy(&attributes);
    return static_cast<const char *>(lowest);
}

using Digits = std::vector<int>; /* to base 10,000, the highest first */

/* The digits of a number without its sign, with so many behind the point. */
Digits digits_of(const Number &number, int scale)
{
    Digits digits;
    for (int at = std::min(0, number.weight()); at < number.weight() + 1 + scale; ++at) {
        std::uint16_t digit = 0;
        if (at >= 0 && 2 * static_cast<std::size_t>(at) < number.digits().size())
            std::memcpy(&digit, number.digits().data() + 2 * at, sizeof digit);
        digits.push_back(digit);
    }
    return digits;
}

void trim(Digits &digits)
{
    while (!digits.empty() && digits.front() == 0)
        digits.erase(digits.begin());
}

bool is_less(const Digits &left, const Digits &right)
{
    return left.size() != right.size() ? left.size() < right.size() : left < right;
}

void subtract(Digits &from, const Digits &less)
{
    int borrowed = 0;
    for (std::size_t at = 0; at < from.size(); ++at) {
        int &digit = from[from.size() - 1 - at];
        digit -= borrowed + (at < less.size() ? less[less.size() - 1 - at] : 0);
        borrowed = digit < 0 ? 1 : 0;
        digit += borrowed * 10000;
    }
    trim(from);
}

} // namespace

bool stack_is_low()
{
    static thread_local const char *const lowest = end_of_stack();
    constexpr std::ptrdiff_t reserve = 512 << 10;
    const char here = 0;
    return &here - lowest < reserve;
}

/* The plain way: long division by subtraction. */
bool is_multiple(std::string_view number, std::string_view of)
{
    const Number left(number);
    const Number right(of);
    const int scale = std::max(left.scale(), right.scale());
    Digits divisor = digits_of(right, scale);
    trim(divisor);
    Digits rest;
    for (const int digit : digits_of(left, scale)) {
        rest.push_back(digit);
        trim(rest);
        while (!is_less(rest, divisor))
            subtract(rest, divisor);
    }
    return rest.empty();
}

std::size_t characters_of(std::string_view text)
{
    std::size_t characters = 0;
    for (const char c : text)
        characters += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
    return characters;
}

std::string_view utf8_of(std::string_view text)
{
    return text;
}

void free_with_memory(void (*free)(void *), void *object)
{
    test::Arena::current().free_at_end(free, object);
}

void out_of_memory()
{
    std::abort();
}

} // namespace opigno::json::schema
