namespace VmDeploy;

public static partial class ErrorCodes
{
    /// <summary>A disk image contradicts itself or ends too early.</summary>
    public static readonly ErrorCode VmdkDamaged = new(nameof(VmdkDamaged), ErrorKind.InvalidData,
        "Get the file again and compare its digest (Get-VmOva -Verify); a sound image passes qemu-img check.");

    /// <summary>A disk image of a kind that can't be read as a stream.</summary>
    public static readonly ErrorCode VmdkNotStreamOptimized = new(nameof(VmdkNotStreamOptimized), ErrorKind.InvalidData,
        "Convert it: qemu-img convert -O vmdk -o subformat=streamOptimized <in> <out>, or export it again with ovftool.");
}
