/* Stands in for a later handcarry: it says its version. */
#include <stdio.h>

int main(void)
{
    puts("handcarry 9.9.9");
    return 0;
}
