using System.Diagnostics;
using System.Text;
using Xunit;

namespace VmDeploy.Tests.Support;

/// <summary>Starts disks in a real (emulated) PC.</summary>
internal static class Qemu
{
    /// <summary>What the boot sector of examples/tinyVM prints on the first serial port, and so does boot-efi.asm.</summary>
    public const string BootLine = "tinyVM: it boots.";

    // Emulation without hardware support on a busy machine; a valid disk takes one or two seconds.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);

    /// <summary>Fails unless a PC that has this as its only disk prints <see cref="BootLine"/>. The disk is not written to.</summary>
    /// <param name="path">The disk image.</param>
    /// <param name="format">qemu's name of its format.</param>
    /// <param name="media">disk or cdrom.</param>
    /// <param name="isEfi">The PC has EFI firmware instead of a BIOS.</param>
    public static async Task AssertBootsAsync(string path, string format = "vmdk", string media = "disk", bool isEfi = false)
    {
        var start = new ProcessStartInfo(Requires.Tool("qemu-system-x86_64"))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList =
            {
                "-display", "none", "-monitor", "none", "-serial", "stdio", "-nic", "none", "-m", isEfi ? "128" : "32",
                "-drive", $"file={path},format={format},if=ide,media={media},snapshot=on",
            },
        };
        if (isEfi)
        {
            start.ArgumentList.Add("-bios");
            start.ArgumentList.Add(Requires.Ovmf());
        }
        using var qemu = Process.Start(start)!;
        var seen = new StringBuilder();
        try
        {
            var errors = qemu.StandardError.ReadToEndAsync();
            using var limit = new CancellationTokenSource(s_patience);
            while (await qemu.StandardOutput.ReadLineAsync(limit.Token) is { } line)
            {
                if (line.Contains(BootLine, StringComparison.Ordinal))
                    return;
                seen.AppendLine(line);
            }
            // Standard output has ended, so qemu has.
            Assert.Fail($"qemu ended without booting {path}: {await errors}{seen}");
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"{path} did not boot in {s_patience.TotalMinutes} minutes; the serial port said: {seen}");
        }
        finally
        {
            qemu.Kill();
            await qemu.WaitForExitAsync();
        }
    }
}
