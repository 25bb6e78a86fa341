# The fuzzer of the API: built where clang is, which alone can. What takes requests apart is compiled
# again to tell the fuzzer which ways it went; everything else is that of the build.
find_program(FUZZ_COMPILER NAMES clang++-14 clang++)
if(NOT FUZZ_COMPILER OR SANITIZE)
  return()
endif()

set(fuzz_objects)
foreach(source api/http.cpp api/validation.cpp api/text_rules.cpp api/schemas.cpp api/call.cpp api/refusals.cpp
               api/record_query.cpp api/deployment.cpp api/connection_text.cpp
               tests/fuzz/request_fuzz.cpp)
  string(REPLACE "/" "_" object "${source}")
  set(object "${CMAKE_BINARY_DIR}/fuzz/${object}.o")
  add_custom_command(OUTPUT "${object}"
    COMMAND "${CMAKE_COMMAND}" -E make_directory "${CMAKE_BINARY_DIR}/fuzz"
    COMMAND "${FUZZ_COMPILER}" -std=c++17 -O1 -g -DNDEBUG -fsanitize=fuzzer-no-link,address
            "-I${PROJECT_SOURCE_DIR}" "-D$<JOIN:$<TARGET_PROPERTY:api,COMPILE_DEFINITIONS>,;-D>"
            -MD -MF "${object}.d" -c "${PROJECT_SOURCE_DIR}/${source}" -o "${object}"
    DEPENDS "${PROJECT_SOURCE_DIR}/${source}" DEPFILE "${object}.d"
    COMMAND_EXPAND_LISTS VERBATIM)
  list(APPEND fuzz_objects "${object}")
endforeach()

set(fuzz_modules api actors webhooks upstream store config core)
set(fuzz_archives)
foreach(module ${fuzz_modules})
  list(APPEND fuzz_archives "$<TARGET_FILE:${module}>")
endforeach()
add_custom_command(OUTPUT "${CMAKE_BINARY_DIR}/fuzz/request_fuzz"
  COMMAND "${FUZZ_COMPILER}" -fsanitize=fuzzer,address ${fuzz_objects} -Wl,--start-group
          ${fuzz_archives} -Wl,--end-group -lcaf_io -lcaf_core -lcurl -lssl -lcrypto -lspdlog -lfmt
          -lsimdjson -lprometheus-cpp-core "${HIREDIS_LIBRARY}" "${SYSTEMD_LIBRARY}"
          "${DATE_LIBRARY}" -lpthread
          -o "${CMAKE_BINARY_DIR}/fuzz/request_fuzz"
  DEPENDS ${fuzz_objects} ${fuzz_modules} VERBATIM)
add_custom_target(request_fuzz DEPENDS "${CMAKE_BINARY_DIR}/fuzz/request_fuzz")

set(FUZZ_SECONDS 60 CACHE STRING "How long the test fuzzes the API")
add_test(NAME fuzz.build
         COMMAND "${CMAKE_COMMAND}" --build "${CMAKE_BINARY_DIR}" --target request_fuzz)
set_tests_properties(fuzz.build PROPERTIES LABELS e2e TIMEOUT 900 FIXTURES_SETUP fuzz)
add_test(NAME fuzz.seeds COMMAND "${NODE_PROGRAM}" "${PROJECT_SOURCE_DIR}/tests/fuzz/seeds.mjs"
         "${CMAKE_BINARY_DIR}/fuzz/seeds")
set_tests_properties(fuzz.seeds PROPERTIES LABELS e2e FIXTURES_SETUP fuzz)
add_test(NAME fuzz.requests
         COMMAND "${CMAKE_BINARY_DIR}/fuzz/request_fuzz" -max_total_time=${FUZZ_SECONDS}
                 -max_len=4096 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1
                 "-artifact_prefix=${CMAKE_BINARY_DIR}/fuzz/" "${CMAKE_BINARY_DIR}/fuzz/found"
                 "${CMAKE_BINARY_DIR}/fuzz/seeds")
set_tests_properties(fuzz.requests PROPERTIES LABELS e2e TIMEOUT 300 FIXTURES_REQUIRED fuzz)
file(MAKE_DIRECTORY "${CMAKE_BINARY_DIR}/fuzz/found")
