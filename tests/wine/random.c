/* Stands in for bcryptprimitives.dll, which Windows has and Wine 8 has not. */
#include <windows.h>

BOOLEAN NTAPI SystemFunction036(PVOID into, ULONG bytes);

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE into, SIZE_T bytes)
{
    return SystemFunction036(into, (ULONG)bytes);
}
