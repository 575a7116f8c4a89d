; tinyVM's whole operating system: one boot sector that says on the first serial port and on the screen that the
; machine has started, and then halts. Assemble with: nasm -f bin -o boot.bin boot.asm

        bits    16
        org     0x7C00

COM1    equ     0x3F8                   ; data; +1 interrupts, +3 line control, +5 line status

start:  jmp     0x0000:main             ; some BIOSes enter at 07C0:0000
main:   xor     ax, ax
        mov     ds, ax
        mov     ss, ax
        mov     sp, 0x7C00
        cld

        mov     dx, COM1 + 1            ; no interrupts
        xor     al, al
        out     dx, al
        mov     dx, COM1 + 3            ; divisor 1: 115200 baud
        mov     al, 0x80
        out     dx, al
        mov     dx, COM1
        mov     al, 1
        out     dx, al
        inc     dx
        xor     al, al
        out     dx, al
        mov     dx, COM1 + 3            ; 8 bits, no parity, 1 stop bit
        mov     al, 0x03
        out     dx, al

        mov     si, text
next:   lodsb
        test    al, al
        jz      done
        mov     ah, 0x0E                ; BIOS teletype
        mov     bx, 0x0007
        push    ax
        int     0x10
        pop     ax
        mov     ah, al
        mov     dx, COM1 + 5            ; a missing port reads 0xFF, which is "ready" too
busy:   in      al, dx
        test    al, 0x20
        jz      busy
        mov     al, ah
        mov     dx, COM1
        out     dx, al
        jmp     next

done:   cli
        hlt
        jmp     done

text:   db      "tinyVM: it boots.", 13, 10, 0

        times   510 - ($ - $$) db 0
        dw      0xAA55
