#include "bulk/errors.hpp"

#include "pg/text.hpp"

#include <algorithm>

namespace opigno::bulk {

namespace {

bool comes_before(const pg::Error &left, const pg::Error &right)
{
    return left.ordinal != right.ordinal ? left.ordinal < right.ordinal
                                         : std::string_view(left.path) < right.path;
}

const text *copy_of(const text *value)
{
    return value == nullptr ? nullptr : pg::make_text(pg::view(value));
}

} // namespace

void Errors::add(const pg::Error &error)
{
    constexpr int max_per_entry = 10;
    if (error.ordinal != last_ordinal_) {
        ++failed_;
        errors_of_entry_ = 0;
    }
    last_ordinal_ = error.ordinal;
    if (errors_of_entry_++ < max_per_entry)
        keep(error);
}

void Errors::add_further(const pg::Error &error)
{
    keep(error);
}

void Errors::keep(const pg::Error &error)
{
    MemoryContext before = MemoryContextSwitchTo(context_);
    pg::Error kept = error;
    kept.user_uuid = copy_of(error.user_uuid);
    kept.training_id = copy_of(error.training_id);
    kept.path = pstrdup(error.path);
    kept.message = pstrdup(error.message);
    kept.hint = nullptr;
    kept.user_message = nullptr;
    errors_.push_back(kept);
    MemoryContextSwitchTo(before);
    if (errors_.size() >= 2 * max_kept_ + 100)
        drop_highest();
}

std::span<const pg::Error> Errors::sorted()
{
    drop_highest();
    return {errors_.begin(), errors_.size()};
}

void Errors::drop_highest()
{
    std::sort(errors_.begin(), errors_.end(), comes_before);
    while (errors_.size() > max_kept_) {
        const pg::Error &last = errors_[errors_.size() - 1];
        pfree(const_cast<char *>(last.path));
        pfree(const_cast<char *>(last.message));
        for (const text *part : {last.user_uuid, last.training_id})
            if (part != nullptr)
                pfree(const_cast<text *>(part));
        errors_.pop_back();
    }
}

} // namespace opigno::bulk
