# The unit tests on an emulated machine whose words have the other byte order:
#   apt-get install qemu-user g++-s390x-linux-gnu googletest
#   cmake -S . -B build/s390x -DCMAKE_TOOLCHAIN_FILE=test/s390x.cmake && cmake --build build/s390x
#   ctest --test-dir build/s390x -L unit
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR s390x)
set(CMAKE_CXX_COMPILER s390x-linux-gnu-g++)
set(CMAKE_EXE_LINKER_FLAGS_INIT -static)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-s390x)
