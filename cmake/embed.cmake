# Makes files part of the program, so that an installed program needs no data files.

function(write_embedded target header variable)
  cmake_parse_arguments(PARSE_ARGV 3 arg "" "FOLDER" "FILES")
  set(output "${PROJECT_BINARY_DIR}/generated/${header}")
  set(script "${PROJECT_SOURCE_DIR}/cmake/write_embedded.cmake")
  add_custom_command(
    OUTPUT "${output}"
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${output} -DVARIABLE=${variable} "-DFOLDER=${arg_FOLDER}"
            "-DINPUTS=${arg_FILES}" -P "${script}"
    DEPENDS ${arg_FILES} "${script}"
    VERBATIM)
  target_sources(${target} PRIVATE "${output}")
  target_include_directories(${target} PRIVATE "${PROJECT_BINARY_DIR}/generated")
endfunction()

# embed(<target> <header> <variable> <file>...): the text of all files as one std::string_view in
# namespace varia.
function(embed target header variable)
  list(TRANSFORM ARGN PREPEND "${PROJECT_SOURCE_DIR}/" OUTPUT_VARIABLE inputs)
  write_embedded(${target} ${header} ${variable} FILES ${inputs})
endfunction()

# embed_folder(<target> <header> <variable> <folder>): the text files in a folder as a std::array of
# pairs of std::string_view, the name in the folder and the text, in order of name.
function(embed_folder target header variable folder)
  set(root "${PROJECT_SOURCE_DIR}/${folder}")
  file(GLOB_RECURSE inputs CONFIGURE_DEPENDS "${root}/*")
  write_embedded(${target} ${header} ${variable} FOLDER "${root}" FILES ${inputs})
endfunction()
