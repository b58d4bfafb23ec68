#include "json/value/jsonb_check.hpp"

#include "json/value/jsonb_format.hpp"
#include "json/value/small_vector.hpp"

namespace opigno::json {

namespace {

class Checker {
  public:
    const char *flaw_of(std::string_view bytes)
    {
        if (bytes.size() < 4)
            return "no header";
        const bool is_scalar = (word(bytes.data()) & scalar_flag) != 0;
        if (is_scalar && ((word(bytes.data()) & array_flag) == 0 || (word(bytes.data()) & count_mask) != 1))
            return "a scalar is an array of one element";
        const char *flaw = flaw_of_container(bytes, is_scalar);
        while (flaw == nullptr && !containers_.empty()) {
            const std::string_view inner = containers_.back();
            containers_.pop_back();
            flaw = flaw_of_container(inner, false);
        }
        return flaw;
    }

  private:
    const char *flaw_of_container(std::string_view bytes, bool is_scalar)
    {
        if (bytes.size() < 4)
            return "no header";
        const std::uint32_t header = word(bytes.data());
        const bool object = (header & object_flag) != 0;
        if (object == ((header & array_flag) != 0))
            return "neither an object nor an array";
        if ((header & has_offset) != 0 || (!is_scalar && (header & scalar_flag) != 0))
            return "unknown flag in a header";
        const std::size_t children = (header & count_mask) * (object ? std::size_t{2} : std::size_t{1});
        if (children > (bytes.size() - 4) / 4)
            return "entries beyond the end";
        return flaw_of_children(bytes, static_cast<std::uint32_t>(children), object, is_scalar);
    }

    const char *flaw_of_children(std::string_view bytes, std::uint32_t children, bool object, bool is_scalar)
    {
        const Entries entries(bytes.data(), children);
        const std::size_t data = bytes.size() - 4 - children * std::size_t{4};
        std::string_view key;
        std::uint32_t start = 0;
        for (std::uint32_t at = 0; at < children; ++at) {
            const std::uint32_t entry = entries[at];
            if (((entry & has_offset) != 0) != (at % offset_stride == 0))
                return "offset where a length belongs, or the other way round";
            const std::uint32_t end = entries.end(at, start);
            if (end < start || end > data)
                return "data beyond the end";
            if (const char *flaw = flaw_of_child(entries, entry, start, end, is_scalar); flaw != nullptr)
                return flaw;
            if (object && at < children / 2) {
                const std::string_view next(entries.data() + start, end - start);
                if (type_of(entry) != string_type)
                    return "a key that is no string";
                if (at > 0 && compare_keys(key, next) >= 0)
                    return "keys out of order";
                key = next;
            }
            start = end;
        }
        return start == data ? nullptr : "bytes behind the data";
    }

    const char *flaw_of_child(const Entries &entries, std::uint32_t entry, std::uint32_t start,
                              std::uint32_t end, bool is_scalar)
    {
        const char *data = entries.data();
        switch (type_of(entry)) {
        case string_type:
            return std::string_view(data + start, end - start).find('\0') == std::string_view::npos
                       ? nullptr
                       : "a string with a zero byte";
        case false_type:
        case true_type:
        case null_type:
            return start == end ? nullptr : "data of a constant";
        case numeric_type:
        case container_type:
            break;
        default:
            return "unknown type";
        }
        const std::uint32_t from = aligned(start);
        if (from >= end)
            return "a number or container without bytes";
        for (std::uint32_t at = start; at < from; ++at)
            if (data[at] != 0)
                return "padding that is not zero";
        const std::string_view bytes(data + from, end - from);
        if (type_of(entry) == numeric_type)
            return size_of_varlena(bytes) == bytes.size() ? nullptr : "a number of another length";
        if (is_scalar)
            return "a scalar that is a container";
        containers_.add() = bytes;
        return nullptr;
    }

    /* The length that a number's own header gives (varatt.h), or 0 where there is no such header. */
    static std::size_t size_of_varlena(std::string_view bytes)
    {
        constexpr bool is_little = std::endian::native == std::endian::little;
        const auto first = static_cast<std::uint8_t>(bytes[0]);
        if ((first & (is_little ? 0x01U : 0x80U)) != 0) /* a header of one byte */
            return is_little ? first >> 1U : first & 0x7FU;
        if (bytes.size() < 4 || (first & (is_little ? 0x03U : 0xC0U)) != 0)
            return 0;
        return is_little ? word(bytes.data()) >> 2U : word(bytes.data());
    }

    SmallVector<std::string_view, 32> containers_;
};

} // namespace

const char *format_flaw(std::string_view bytes)
{
    return Checker().flaw_of(bytes);
}

} // namespace opigno::json
