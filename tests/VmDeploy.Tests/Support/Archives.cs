using System.Diagnostics;
using Xunit;

namespace VmDeploy.Tests.Support;

/// <summary>Packs packages with the tools that users have.</summary>
internal static class Archives
{
    /// <summary>Packs the .ova of a package, or with a name that begins with <c>files</c> its files in a folder; returns the archive's path.</summary>
    public static string Pack(TempFolder folder, string name, OvaBuilder package)
    {
        var work = Directory.CreateDirectory(folder[Guid.NewGuid().ToString("N")]).FullName;
        var isFiles = name.StartsWith("files", StringComparison.Ordinal);
        if (isFiles)
        {
            Directory.CreateDirectory(Path.Combine(work, "inner"));
            foreach (var (file, content) in package.Entries())
                File.WriteAllBytes(Path.Combine(work, "inner", file), content);
        }
        else
        {
            File.WriteAllBytes(Path.Combine(work, "vm.ova"), package.ToOva());
        }
        var what = isFiles ? "inner" : "vm.ova";
        var target = folder[name];
        switch (name.Substring(name.IndexOf('.')))
        {
            case ".zip":
                Run(work, "zip", "-q", "-r", target, what);
                break;
            case ".stored.zip":
                Run(work, "zip", "-q", "-0", "-r", target, what);
                break;
            case ".7z":
                Run(work, "bsdtar", "-a", "-cf", target, what);
                break;
            case ".tar.gz":
                Run(work, "tar", "-czf", target, what);
                break;
            case ".tar.xz":
                Run(work, "tar", "-cJf", target, what);
                break;
            case ".tar.bz2":
                Run(work, "tar", "-cjf", target, what);
                break;
            case ".tar.zst":
                Run(work, "tar", "--zstd", "-cf", target, what);
                break;
            case ".ova.gz":
                Run(work, "gzip", what);
                File.Move(Path.Combine(work, "vm.ova.gz"), target);
                break;
            case ".ova.xz":
                Run(work, "xz", what);
                File.Move(Path.Combine(work, "vm.ova.xz"), target);
                break;
            case ".xz.zip":
                Run(work, "xz", what);
                Run(work, "zip", "-q", target, "vm.ova.xz");
                break;
            case ".xz.7z":
                Run(work, "xz", what);
                Run(work, "bsdtar", "-a", "-cf", target, "vm.ova.xz");
                break;
            case ".gz.zip":
                Run(work, "gzip", what);
                Run(work, "zip", "-q", target, "vm.ova.gz");
                break;
            default:
                throw new ArgumentException(name);
        }
        return target;
    }

    public static void Run(string folder, string tool, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Requires.Tool(tool), arguments) { WorkingDirectory = folder, RedirectStandardError = true })!;
        var said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{tool}: {said}");
    }
}
