/*
 * Compares the numerics of jsonb (utils/adt/numeric.c): a length word, a header with the sign and
 * the weight of the first digit, and digits to base 10,000 without zeros at either end. So numbers
 * of any size compare exactly. Does not depend on PostgreSQL.
 */
#pragma once

#include "json/schema/host.hpp"
#include "json/value/jsonb_format.hpp"

#include <algorithm>
#include <cstdint>

namespace opigno::json::schema {

__extension__ using Wide = unsigned __int128;

class Number {
  public:
    /* bytes: of a value of type numeric_type */
    explicit Number(std::string_view bytes)
    {
        const std::uint16_t header = half(bytes.data() + 4);
        std::size_t head = 6;
        if ((header & short_flag) != 0) {
            is_negative_ = (header & short_sign) != 0;
            weight_ = static_cast<int>(header & short_weight);
            if ((header & short_weight_sign) != 0)
                weight_ -= short_weight_sign;
        } else {
            is_negative_ = (header & sign_mask) == negative;
            weight_ = static_cast<std::int16_t>(half(bytes.data() + 6));
            head = 8;
        }
        digits_ = bytes.data() + head;
        size_ = static_cast<int>((bytes.size() - head) / 2);
    }

    [[nodiscard]] bool is_zero() const { return size_ == 0; }
    [[nodiscard]] bool is_integer() const { return size_ <= weight_ + 1; }
    [[nodiscard]] bool is_negative() const { return is_negative_; }
    [[nodiscard]] int weight() const { return weight_; }
    [[nodiscard]] std::string_view digits() const { return {digits_, 2 * static_cast<std::size_t>(size_)}; }
    /* How many digits are behind the point. */
    [[nodiscard]] int scale() const { return std::max(0, size_ - weight_ - 1); }

    /* -1, 0 or 1 */
    [[nodiscard]] int compare(const Number &other) const
    {
        if (is_zero() || other.is_zero())
            return is_zero() ? -other.sign() : sign();
        if (is_negative_ != other.is_negative_)
            return sign();
        if (weight_ != other.weight_)
            return weight_ < other.weight_ ? -sign() : sign();
        for (int at = 0; at < std::min(size_, other.size_); ++at)
            if (digit(at) != other.digit(at))
                return digit(at) < other.digit(at) ? -sign() : sign();
        return size_ == other.size_ ? 0 : size_ < other.size_ ? -sign() : sign();
    }

    /* The number without its sign, times 10,000 to the power of scale. False: it needs more than 128
     * bits. */
    bool scale_to(int scale, Wide &result) const
    {
        constexpr int most = 9;
        const int digits = weight_ + 1 + scale;
        result = 0;
        if (is_zero())
            return true;
        if (digits > most || digits < size_)
            return false;
        for (int at = 0; at < digits; ++at)
            result = result * 10000 + (at < size_ ? digit(at) : 0);
        return true;
    }

  private:
    static constexpr std::uint16_t short_flag = 0x8000;
    static constexpr std::uint16_t short_sign = 0x2000;
    static constexpr std::uint16_t short_weight = 0x003F;
    static constexpr int short_weight_sign = 0x0040;
    static constexpr std::uint16_t sign_mask = 0xC000;
    static constexpr std::uint16_t negative = 0x4000;

    static std::uint16_t half(const char *at)
    {
        std::uint16_t value = 0;
        std::memcpy(&value, at, sizeof value);
        return value;
    }
    [[nodiscard]] std::uint16_t digit(int at) const { return half(digits_ + std::ptrdiff_t{2} * at); }
    [[nodiscard]] int sign() const { return is_zero() ? 0 : is_negative_ ? -1 : 1; }

    const char *digits_;
    int size_;
    int weight_;
    bool is_negative_;
};

static_assert(std::is_trivially_destructible_v<Number>);

/* Whether a number is a multiple of another one, which is not zero. Both are bytes of numerics. */
inline bool is_multiple_of(std::string_view number, std::string_view of)
{
    const Number left(number);
    const Number right(of);
    const int scale = std::max(left.scale(), right.scale());
    Wide dividend = 0;
    Wide divisor = 0;
    if (left.scale_to(scale, dividend) && right.scale_to(scale, divisor))
        return dividend % divisor == 0;
    return is_multiple(number, of);
}

} // namespace opigno::json::schema
