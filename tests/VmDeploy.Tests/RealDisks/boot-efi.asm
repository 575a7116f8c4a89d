; The counterpart of examples/tinyVM/boot.asm for EFI: an application in a file of PE format, which says on the first serial port
; that it has started, and then halts. Assemble with: nasm -f bin -o BOOTX64.EFI boot-efi.asm

        bits    64

COM1    equ     0x3F8                   ; data; +5 line status
HEADER  equ     0x200                   ; length of the headers, and of the only section in the file
BASE    equ     0x1000                  ; where the section lies in memory

        db      "MZ"
        times   0x3C - ($ - $$) db 0
        dd      pe

pe:     db      "PE", 0, 0
        dw      0x8664, 1               ; x64, one section
        dd      0, 0, 0
        dw      section_table - optional, 0x22     ; executable, large addresses; needs no relocations
optional:
        dw      0x20B, 0                ; PE32+
        dd      HEADER, 0, 0            ; sizes of code and data
        dd      BASE, BASE              ; entry point, code
        dq      0
        dd      0x1000, 0x200           ; alignment in memory and in the file
        dw      0, 0, 0, 0, 0, 0
        dd      0
        dd      BASE + 0x1000, HEADER   ; sizes of the image and of the headers
        dd      0
        dw      10, 0                   ; an EFI application
        dq      0x10000, 0x10000, 0x10000, 0x10000
        dd      0, 6
        times   6 dq 0                  ; no directories
section_table:
        db      ".text", 0, 0, 0
        dd      0x1000, BASE, HEADER, HEADER
        dd      0, 0, 0
        dd      0x60000020              ; code, executable, readable
        times   HEADER - ($ - $$) db 0

        lea     rsi, [rel text]
        cld
next:   lodsb
        test    al, al
        jz      done
        mov     ah, al
        mov     dx, COM1 + 5
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

text:   db      13, 10, "tinyVM: it boots.", 13, 10, 0
        times   2 * HEADER - ($ - $$) db 0
