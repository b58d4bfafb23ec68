/* A change of one training, which reads and checks the caller's input. A member that is absent, NULL or
 * JSON null stays as it is. A member that has errors counts as given. */
#pragma once

#include "document/expected_version.hpp"
#include "pg/error.hpp"

#include <optional>
#include <string_view>
#include <type_traits>

namespace opigno::training::registry {

struct Change {
    text *training_id = nullptr; /* canonical; nullptr only after an error */
    text *title = nullptr;
    std::optional<bool> is_active;
    bool title_given = false;
    pg::ExpectedVersion expected;

    /* Whether the change can create a training. */
    [[nodiscard]] bool can_create() const;
};

static_assert(std::is_trivially_destructible_v<Change>);

/* Adds an error (22023) for each reason why the change cannot create a training. */
void add_reasons_against_creation(const Change &change, pg::Errors &errors);

/* Reads the arguments of set_training. */
Change change_from_arguments(FunctionCallInfo fcinfo, pg::Errors &errors);

/* Reads {"training_id", "title", "is_active", "version": the expected version}. Other members are
 * errors. */
Change change_from_json(const JsonbValue &entry, pg::Errors &errors);

} // namespace opigno::training::registry
