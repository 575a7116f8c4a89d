using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Xunit;

namespace VmDeploy.Tests.Support;

/// <summary>
/// Requirements of tests that a machine may not meet. A missing one skips the test, which must be a <c>[SkippableFact]</c> or
/// <c>[SkippableTheory]</c>; on a build server (CI=true) it fails the test instead.
/// The build prints the summary of all skips after the tests.
/// </summary>
internal static class Requires
{
    private static readonly string s_summary = Path.Combine(AppContext.BaseDirectory, "skipped.txt");
    private static readonly ConcurrentDictionary<string, int> s_causes = new();

    // Debian's package of each program that tests run.
    private static readonly Dictionary<string, string> s_packages = new()
    {
        ["blkid"] = "util-linux",
        ["bsdtar"] = "libarchive-tools",
        ["fsck.fat"] = "dosfstools",
        ["mcopy"] = "mtools",
        ["mformat"] = "mtools",
        ["mmd"] = "mtools",
        ["mono"] = "mono-devel",
        ["mount"] = "mount",
        ["mtype"] = "mtools",
        ["nasm"] = "nasm",
        ["openssl"] = "openssl",
        ["python3"] = "python3",
        ["qemu-img"] = "qemu-utils",
        ["qemu-system-x86_64"] = "qemu-system-x86",
        ["sfdisk"] = "fdisk",
        ["ssh"] = "openssh-client",
        ["ssh-keygen"] = "openssh-client",
        ["sshd"] = "openssh-server",
        ["tar"] = "tar",
        ["umount"] = "mount",
        ["cloudinit"] = "cloud-init",
        ["os_xenapi"] = "python3-os-xenapi",
        ["pyVmomi"] = "python3-pyvmomi",
    };

    /// <summary>Skips (or fails) unless it is present.</summary>
    /// <param name="present">Whether it is present.</param>
    /// <param name="what">What it is.</param>
    /// <param name="remedy">The command or step that provides it.</param>
    public static void That(bool present, string what, string remedy)
    {
        if (!present && Environment.GetEnvironmentVariable("CI") is "true" or "1")
            Assert.Fail($"This test needs {what} ({remedy}).");
        Allowed(present, what, remedy);
    }

    /// <summary>Skips unless it is possible, even on a build server, for what containers forbid.</summary>
    /// <inheritdoc cref="That"/>
    public static void Allowed(bool present, string what, string remedy)
    {
        if (!present)
            Record($"{what} ({remedy})");
        Skip.IfNot(present, $"needs {what} ({remedy})");
    }

    /// <summary>The full path of a program on the PATH (and in the sbin folders, which a user's PATH often lacks).</summary>
    public static string Tool(string name)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/sbin").Append("/sbin");
        var found = folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        var package = s_packages.GetValueOrDefault(name, name);
        That(found is not null, package, $"apt-get install {package}");
        return found!;
    }

    /// <summary>Debian's Python, which finds the modules that Debian packages; another on the PATH may not.</summary>
    /// <param name="module">A module that the test imports, for example <c>pyVmomi</c>.</param>
    public static string Python(string module)
    {
        const string folder = "/usr/lib/python3/dist-packages";
        That(Directory.Exists(Path.Combine(folder, module)) || File.Exists(Path.Combine(folder, module + ".py")), s_packages[module], $"apt-get install {s_packages[module]}");
        return "/usr/bin/python3";
    }

    /// <summary>Mono with the facades of netstandard, which mono-runtime lacks.</summary>
    public static string Mono()
    {
        That(File.Exists("/usr/lib/mono/4.5/Facades/netstandard.dll"), "mono-devel", "apt-get install mono-devel");
        return Tool("mono");
    }

    /// <summary>EFI firmware for qemu.</summary>
    public static string Ovmf()
    {
        const string firmware = "/usr/share/ovmf/OVMF.fd";
        That(File.Exists(firmware), "ovmf", "apt-get install ovmf");
        return firmware;
    }

    [ModuleInitializer]
    internal static void DeleteOldSummary() => File.Delete(s_summary);

    // Written at each skip, because nothing runs when the last test has ended.
    private static void Record(string cause)
    {
        lock (s_causes)
        {
            s_causes.AddOrUpdate(cause, 1, (_, count) => count + 1);
            File.WriteAllText(s_summary, $"{s_causes.Values.Sum()} skipped: "
                + string.Join(", ", s_causes.OrderByDescending(one => one.Value).ThenBy(one => one.Key, StringComparer.Ordinal).Select(one => $"{one.Value} need {one.Key}")));
        }
    }
}
