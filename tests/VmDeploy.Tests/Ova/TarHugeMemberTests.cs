using VmDeploy.Ova;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Ova;

/// <summary>Members larger than the 8 GiB of a ustar size, in files that take no space.</summary>
public sealed class TarHugeMemberTests : IDisposable
{
    private const long Huge = 9L << 30;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_lies_behind_a_member_of_9_GiB_is_found_and_read(bool binarySize)
    {
        var builder = new OvaBuilder { OtherFiles = [("data.iso", [])], Unlisted = "data.iso" };
        var path = _folder["huge.ova"];
        using (var archive = File.Create(path))
        {
            var record = TarBlocks.PaxRecord("size", FormattableString.Invariant($"{Huge}"));
            if (!binarySize)
            {
                archive.Write(TarBlocks.Header("pax", 'x', record.Length));
                archive.Write(TarBlocks.Pad(record));
            }
            // With a PAX size the ustar field is ignored.
            archive.Write(TarBlocks.Header("data.iso", '0', binarySize ? Huge : 0, binarySize));
            archive.SetLength(archive.Position + Huge);
            archive.Position = archive.Length;
            foreach ((var name, var content) in builder.Entries().Where(entry => entry.Name != "data.iso"))
            {
                archive.Write(TarBlocks.Header(name, '0', content.Length));
                archive.Write(TarBlocks.Pad(content));
            }
            archive.Write(new byte[1024]);
        }

        using var package = await OvaPackage.OpenAsync(path, CancellationToken.None);
        Assert.Equal(Huge, package.Files[1].Length);
        using var stream = package.OpenFile(package.Files[0]);
        var disk = new MemoryStream();
        await stream.CopyToAsync(disk);
        Assert.Equal(builder.Disks[0].Content, disk.ToArray());
        var results = await stream.CompleteAsync(CancellationToken.None);
        Assert.Equal(nameof(OvaDigestState.Match), results.Single().State);
    }

    [Theory]
    [InlineData(Huge)]
    [InlineData(long.MaxValue)]
    [InlineData(-1)]
    public void A_size_that_the_file_does_not_have_is_no_memory_fault(long size)
    {
        byte[] archive = [.. TarBlocks.Header("disk.vmdk", '0', size, binarySize: true), .. new byte[2048]];
        var error = Assert.Throws<VmDeployException>(() => TarIndex.Read(new MemoryStream(archive), "a.ova", CancellationToken.None));
        Assert.Equal(size < 0 ? ErrorCodes.OvaDamaged : ErrorCodes.OvaTruncated, error.Code);
    }
}
