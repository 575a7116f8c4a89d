using System.Formats.Tar;
using System.Text;
using VmDeploy.Ova;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Ova;

/// <summary>Our index against archives that other programs have written.</summary>
public sealed class TarIndexTests : IDisposable
{
    private static readonly string s_deepName = string.Join('/', Enumerable.Repeat("folder-of-some-length", 6)) + "/disk.vmdk";
    private static readonly string s_longName = new string('n', 180) + ".vmdk";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(TarEntryFormat.V7)]
    [InlineData(TarEntryFormat.Ustar)]
    [InlineData(TarEntryFormat.Pax)]
    [InlineData(TarEntryFormat.Gnu)]
    public void Archives_of_dotnet(TarEntryFormat format)
    {
        var files = Files(format is TarEntryFormat.Pax or TarEntryFormat.Gnu, deep: format != TarEntryFormat.V7);
        var archive = new MemoryStream();
        using (var writer = new TarWriter(archive, format, leaveOpen: true))
        {
            if (format != TarEntryFormat.V7)
                writer.WriteEntry(Entry(format, TarEntryType.Directory, "folder/"));
            foreach ((var name, var content) in files)
            {
                var entry = Entry(format, format == TarEntryFormat.V7 ? TarEntryType.V7RegularFile : TarEntryType.RegularFile, name);
                entry.DataStream = new MemoryStream(content);
                writer.WriteEntry(entry);
            }
            var link = Entry(format, TarEntryType.SymbolicLink, "link");
            link.LinkName = s_deepName.Substring(0, 90);
            writer.WriteEntry(link);
        }
        AssertHolds(files, archive);
    }

    [SkippableTheory]
    [InlineData("v7")]
    [InlineData("oldgnu")]
    [InlineData("gnu")]
    [InlineData("ustar")]
    [InlineData("pax")]
    public async Task Archives_of_GNU_tar(string format)
    {
        var tar = Requires.Tool("tar");
        Requires.That((await Shell.RunAsync(tar, "--version")).Contains("GNU tar"), "GNU tar", "apt-get install tar");
        var files = Files(longName: format is not ("v7" or "ustar"), deep: format != "v7");
        AssertHolds(files, await PackAsync(tar, files, "--format=" + format, "-cf"));
    }

    [SkippableTheory]
    [InlineData("ustar")]
    [InlineData("gnutar")]
    [InlineData("pax")]
    [InlineData("restricted")]
    public async Task Archives_of_bsdtar(string format)
    {
        var files = Files(longName: format != "ustar", deep: true);
        var option = "--format=" + (format == "restricted" ? "paxr" : format);
        AssertHolds(files, await PackAsync(Requires.Tool("bsdtar"), files, option, "-cf"));
    }

    [SkippableTheory]
    [InlineData("USTAR_FORMAT")]
    [InlineData("GNU_FORMAT")]
    [InlineData("PAX_FORMAT")]
    public async Task Archives_of_Python(string format)
    {
        var python = Requires.Tool("python3");
        var files = Files(longName: format != "USTAR_FORMAT", deep: true);
        foreach ((var name, var content) in files)
            _folder.Write(name, content);
        var script = $"""
            import os, sys, tarfile
            os.chdir(sys.argv[1])
            with tarfile.open(sys.argv[2], 'w', format=tarfile.{format}) as archive:
                for name in sys.argv[3:]:
                    archive.add(name)
            """;
        await Shell.RunAsync(python, ["-c", script, _folder.Path, _folder["a.tar"], .. files.Select(file => file.Name)]);
        AssertHolds(files, new MemoryStream(File.ReadAllBytes(_folder["a.tar"])));
    }

    [SkippableFact]
    public async Task A_leading_dot_is_no_part_of_the_name_and_a_later_member_replaces_an_earlier()
    {
        var tar = Requires.Tool("tar");
        _folder.Write("a.ovf", [1]);
        await Shell.RunAsync(tar, "-C", _folder.Path, "-cf", _folder["a.tar"], "./a.ovf");
        _folder.Write("a.ovf", [2, 3]);
        await Shell.RunAsync(tar, "-C", _folder.Path, "-rf", _folder["a.tar"], "a.ovf");
        AssertHolds([("a.ovf", [2, 3])], new MemoryStream(File.ReadAllBytes(_folder["a.tar"])));
    }

    [SkippableTheory]
    [InlineData("--format=gnu")]
    [InlineData("--format=pax")]
    public async Task Sparse_members_are_refused(string format)
    {
        var tar = Requires.Tool("tar");
        using (var disk = File.Create(_folder["disk.vmdk"]))
        {
            for (var i = 0; i < 10; i++)
            {
                disk.Position = i << 20;
                disk.WriteByte(1);
            }
        }
        await Shell.RunAsync(tar, "-C", _folder.Path, format, "-Scf", _folder["a.tar"], "disk.vmdk");
        var error = Assert.Throws<VmDeployException>(() => Read(new MemoryStream(File.ReadAllBytes(_folder["a.tar"]))));
        Assert.Equal(ErrorCodes.OvaEntryNotSupported, error.Code);
        Assert.Contains("disk.vmdk", error.Message);
    }

    [Fact]
    public async Task A_link_in_the_place_of_a_disk_is_named()
    {
        var archive = new MemoryStream();
        using (var writer = new TarWriter(archive, TarEntryFormat.Ustar, leaveOpen: true))
        {
            foreach ((var name, var content) in new OvaBuilder { Manifest = null, Omit = "disk1.vmdk" }.Entries())
                writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });
            writer.WriteEntry(new UstarTarEntry(TarEntryType.SymbolicLink, "disk1.vmdk") { LinkName = "/etc/passwd" });
        }
        var path = _folder.Write("a.ova", archive.ToArray());
        var error = await Assert.ThrowsAsync<VmDeployException>(() => OvaPackage.OpenAsync(path, CancellationToken.None));
        Assert.Equal(ErrorCodes.OvaEntryNotSupported, error.Code);
        Assert.Contains("disk1.vmdk", error.Message);
    }

    [Fact]
    public void Global_attributes_hold_until_a_member_has_its_own()
    {
        var archive = new MemoryStream();
        using (var writer = new TarWriter(archive, TarEntryFormat.Pax, leaveOpen: true))
        {
            writer.WriteEntry(new PaxGlobalExtendedAttributesTarEntry(new Dictionary<string, string> { ["path"] = "from-global", ["size"] = "3" }));
            // The writer repeats a size or a long path in the member's own header only if it doesn't fit into ustar.
            writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, "plain") { DataStream = new MemoryStream([7, 8, 9]) });
            writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "own") { DataStream = new MemoryStream([1, 2, 3]) });
        }
        IReadOnlyList<TarEntryView> entries = Read(archive).Select(entry => new TarEntryView(entry.Name, entry.Length)).ToList();
        Assert.Equal([new("from-global", 3), new("own", 3)], entries);
    }

    [Fact]
    public void An_extended_header_that_does_not_add_up_is_damage()
    {
        foreach (var records in new[] { "30 path=short\n", "x path=a\n", "13 path=abcd", "9 pathabc\n", "99999999999 path=a\n", "-5 path=a\n", "\0\0\0\0" })
        {
            byte[] archive = [.. TarBlocks.Header("x", 'x', records.Length), .. TarBlocks.Pad(Encoding.UTF8.GetBytes(records)), .. TarBlocks.Header("f", '0', 0), .. new byte[1024]];
            var error = Assert.Throws<VmDeployException>(() => Read(new MemoryStream(archive)));
            Assert.Equal(ErrorCodes.OvaDamaged, error.Code);
        }
    }

    [Fact]
    public void Archives_that_would_exhaust_memory_are_refused()
    {
        byte[] huge = [.. TarBlocks.Header("x", 'x', 2 << 20), .. new byte[(2 << 20) + 1024]];
        Assert.Equal(ErrorCodes.OvaEntryNotSupported, Assert.Throws<VmDeployException>(() => Read(new MemoryStream(huge))).Code);

        var many = new MemoryStream();
        for (var i = 0; i <= 10_000; i++)
            many.Write(TarBlocks.Header("f" + i, '0', 0));
        Assert.Equal(ErrorCodes.OvaEntryNotSupported, Assert.Throws<VmDeployException>(() => Read(many)).Code);
    }

    private static List<(string Name, byte[] Content)> Files(bool longName, bool deep)
    {
        var files = new List<(string, byte[])>
        {
            ("vm.ovf", Encoding.UTF8.GetBytes("<Envelope/>")),
            ("empty.nvram", []),
            ("exactly-one-block", Enumerable.Range(0, 512).Select(i => (byte)i).ToArray()),
            ("Größe 日本.vmdk", [1, 2, 3]),
        };
        if (deep)
            files.Add((s_deepName, new byte[1000]));
        if (longName)
            files.Add((s_longName, [4, 5]));
        files.Add(("vm.mf", [6]));
        return files;
    }

    private static TarEntry Entry(TarEntryFormat format, TarEntryType type, string name) => format switch
    {
        TarEntryFormat.V7 => new V7TarEntry(type, name),
        TarEntryFormat.Pax => new PaxTarEntry(type, name),
        // GNU keeps times where ustar has the rest of a long name.
        TarEntryFormat.Gnu => new GnuTarEntry(type, name) { AccessTime = DateTimeOffset.UnixEpoch.AddYears(50), ChangeTime = DateTimeOffset.UnixEpoch.AddYears(50) },
        _ => new UstarTarEntry(type, name),
    };

    private async Task<MemoryStream> PackAsync(string tool, List<(string Name, byte[] Content)> files, params string[] options)
    {
        foreach ((var name, var content) in files)
            _folder.Write(name, content);
        var archive = Path.Combine(_folder.Path, "a.tar");
        await Shell.RunAsync(tool, ["-C", _folder.Path, .. options, archive, .. files.Select(file => file.Name)]);
        return new MemoryStream(File.ReadAllBytes(archive));
    }

    private static void AssertHolds(List<(string Name, byte[] Content)> files, MemoryStream archive)
    {
        var entries = Read(archive).Where(entry => entry.IsFile).ToList();
        Assert.Equal(files.Select(file => file.Name), entries.Select(entry => entry.Name));
        foreach ((var entry, var file) in entries.Zip(files))
            Assert.Equal(file.Content, archive.ToArray().AsSpan((int)entry.Offset, (int)entry.Length).ToArray());
    }

    private static IReadOnlyList<TarMember> Read(Stream archive) => TarIndex.Read(archive, "a.ova", CancellationToken.None).Members;

    private sealed record TarEntryView(string Name, long Length);
}
