using VmDeploy.Tests.Support;

namespace VmDeploy.Tests.RealDisks;

/// <summary>Raw disks that <see cref="Qemu"/> starts.</summary>
internal static class BootDisks
{
    private const int MiB = 1 << 20;

    /// <summary>A disk whose first sector starts.</summary>
    public static async Task<string> ForBiosAsync(TempFolder folder)
    {
        var image = folder["bios.raw"];
        await AssembleAsync("examples/tinyVM/boot.asm", image);
        await using var file = File.OpenWrite(image);
        file.SetLength(8 * MiB);
        return image;
    }

    /// <summary>A disk with a GPT and an EFI system partition, from which a BIOS does not start.</summary>
    public static async Task<string> ForEfiAsync(TempFolder folder)
    {
        var (image, application, layout) = (folder["efi.raw"], folder["BOOTX64.EFI"], folder.Write("efi.sfdisk", "label: gpt\nstart=2048, size=12288, type=U\n"u8.ToArray()));
        await AssembleAsync("tests/VmDeploy.Tests/RealDisks/boot-efi.asm", application);
        await using (var file = File.Create(image))
            file.SetLength(8 * MiB);
        await Shell.RunAsync("sh", "-c", $"'{Requires.Tool("sfdisk")}' -q '{image}' < '{layout}'");
        var partition = image + "@@1M";
        await Shell.RunAsync(Requires.Tool("mformat"), "-i", partition, "-T", "12288", "-h", "16", "-s", "32", "::");
        await Shell.RunAsync(Requires.Tool("mmd"), "-i", partition, "::/EFI", "::/EFI/BOOT");
        await Shell.RunAsync(Requires.Tool("mcopy"), "-i", partition, application, "::/EFI/BOOT/BOOTX64.EFI");
        return image;
    }

    private static Task AssembleAsync(string source, string target) =>
        Shell.RunAsync(Requires.Tool("nasm"), "-f", "bin", "-o", target, Repository.Path(source));
}
