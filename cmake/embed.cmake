# embed(<target> <header> <variable> <file>...): makes the text of the files part of the program, as
# one std::string_view in namespace varia, so that an installed program needs no data files.
function(embed target header variable)
  set(output "${PROJECT_BINARY_DIR}/generated/${header}")
  list(TRANSFORM ARGN PREPEND "${PROJECT_SOURCE_DIR}/" OUTPUT_VARIABLE inputs)
  add_custom_command(
    OUTPUT "${output}"
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${output} -DVARIABLE=${variable} "-DINPUTS=${inputs}"
            -P "${PROJECT_SOURCE_DIR}/cmake/write_embedded.cmake"
    DEPENDS ${inputs} "${PROJECT_SOURCE_DIR}/cmake/write_embedded.cmake"
    VERBATIM)
  target_sources(${target} PRIVATE "${output}")
  target_include_directories(${target} PRIVATE "${PROJECT_BINARY_DIR}/generated")
endfunction()
