#pragma once

#include "console/output.hpp"

#include <cstddef>

namespace varia {

/// Returns the columns of the terminal on standard output; 0 if it is none.
size_t terminal_width();

/// Returns the lines of the terminal on standard output; 0 if it is none.
size_t terminal_height();

/// True if what is written to standard output may have colours: it is a terminal that knows them,
/// and `NO_COLOR` is not set.
bool terminal_has_colours();

/// Fits options to the terminal that the program runs in, if it does in one: width, colours, and
/// whether somebody can be asked.
void fit_to_terminal(output_options& options);

} // namespace varia
