// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CreditBook} from "../contracts/CreditBook.sol";
import {LimitBook} from "../contracts/LimitBook.sol";
import {SignerSet} from "../contracts/SignerSet.sol";
import {BookTest} from "./BookTest.sol";

contract LimitBookHostileTest is BookTest {
    function setUp() public {
        deployBook();
    }

    function refuse(LimitBook.Limit memory certificate, bytes[] memory list, bytes4 reason) internal {
        vm.expectPartialRevert(reason);
        book.accept(certificate, list);
        equal(book.limitOf(alice, venue, market).sequence, 0, "nothing was accepted");
    }

    function test_hostile_01_replay() public {
        accept(limit(1, 1));
        refuse(limit(1, 1), CreditBook.Stale.selector);
    }

    function test_hostile_02_older() public {
        accept(limit(2, 1));
        refuse(limit(1, BOOTSTRAP), CreditBook.Stale.selector);
    }

    function test_hostile_03_too_few_signers() public {
        LimitBook.Limit memory certificate = limit(1, 1);
        bytes[] memory list = new bytes[](1);
        list[0] = signature(keys[0], book.digestOf(certificate));
        refuse(certificate, list, SignerSet.NotEnoughSigners.selector);
        refuse(certificate, new bytes[](0), SignerSet.NotEnoughSigners.selector);
    }

    function test_hostile_04_one_signer_twice() public {
        LimitBook.Limit memory certificate = limit(1, 1);
        bytes32 digest = book.digestOf(certificate);
        refuse(certificate, signatures(digest, keys[0], keys[0]), SignerSet.SignersNotSorted.selector);
    }

    function test_hostile_05_signers_out_of_order() public {
        LimitBook.Limit memory certificate = limit(1, 1);
        bytes32 digest = book.digestOf(certificate);
        refuse(certificate, signatures(digest, keys[1], keys[0]), SignerSet.SignersNotSorted.selector);
    }

    function test_hostile_06_forged_signer() public {
        LimitBook.Limit memory certificate = limit(1, 1);
        bytes32 digest = book.digestOf(certificate);
        uint256 forger = uint256(keccak256("forger"));
        bool above = vm.addr(forger) > vm.addr(keys[0]);
        bytes[] memory list = above ? signatures(digest, keys[0], forger) : signatures(digest, forger, keys[0]);
        refuse(certificate, list, SignerSet.BadSigner.selector);
    }

    function test_hostile_07_another_chain() public {
        LimitBook.Limit memory certificate = limit(1, 1);
        uint256 here = block.chainid;
        vm.chainId(here + 1);
        bytes[] memory list = signed(certificate);
        vm.chainId(here);
        refuse(certificate, list, wrongSigner(certificate, list));
    }

    function test_hostile_08_another_contract() public {
        LimitBook.Limit memory certificate = limit(1, 1);
        LimitBook other = new LimitBook(bounds(), owner, guardian, signers(), 2);
        bytes[] memory list = signatures(other.digestOf(certificate), keys[0], keys[1]);
        refuse(certificate, list, wrongSigner(certificate, list));
    }

    /// @dev A signature of another digest recovers to anybody: to no signer, and maybe out of order.
    function wrongSigner(LimitBook.Limit memory certificate, bytes[] memory list) internal view returns (bytes4) {
        try book.requireSigned(book.digestOf(certificate), list) {
            return bytes4(0);
        } catch (bytes memory reason) {
            bytes4 selector = bytes4(reason);
            holds(
                selector == SignerSet.BadSigner.selector || selector == SignerSet.SignersNotSorted.selector,
                "refused for its signer"
            );
            return selector;
        }
    }

    function test_hostile_09_high_s_twin() public {
        LimitBook.Limit memory certificate = limit(1, 1);
        bytes32 digest = book.digestOf(certificate);
        bytes[] memory list = signatures(digest, keys[0], keys[1]);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(keys[1], digest);
        uint256 order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
        list[1] = abi.encodePacked(r, bytes32(order - uint256(s)), v == 27 ? uint8(28) : uint8(27));
        equal(ecrecover(digest, v == 27 ? 28 : 27, r, bytes32(order - uint256(s))), vm.addr(keys[1]), "a real twin");
        refuse(certificate, list, SignerSet.BadSigner.selector);
        list[1] = abi.encodePacked(r, s); // 64 bytes
        refuse(certificate, list, SignerSet.BadSigner.selector);
    }

    function test_hostile_10_expired() public {
        LimitBook.Limit memory certificate = limit(1, 1);
        vm.warp(certificate.expiresAt + 1);
        refuse(certificate, LimitBook.Expired.selector);
    }

    function test_hostile_11_from_the_future() public {
        LimitBook.Limit memory certificate = limit(1, 1);
        certificate.issuedAt += 16;
        certificate.expiresAt += 16;
        refuse(certificate, CreditBook.FromFuture.selector);
    }

    function test_hostile_12_lives_too_long() public {
        LimitBook.Limit memory certificate = limit(1, 1);
        certificate.expiresAt += 1;
        refuse(certificate, LimitBook.TtlTooLong.selector);
        certificate.expiresAt = type(uint64).max;
        refuse(certificate, LimitBook.TtlTooLong.selector);
        certificate.expiresAt = certificate.issuedAt;
        refuse(certificate, CreditBook.OutOfBounds.selector);
    }

    function test_hostile_13_zero_fields() public {
        LimitBook.Limit memory c = limit(1, 1);
        c.participantId = 0;
        refuseField(c, "participantId");
        c = limit(1, 1);
        c.account = address(0);
        refuseField(c, "account");
        c = limit(1, 1);
        c.venue = address(0);
        refuseField(c, "venue");
        c = limit(1, 1);
        c.market = 0;
        refuseField(c, "market");
        c = limit(1, 1);
        c.inputsHash = 0;
        refuseField(c, "inputsHash");
        c = limit(1, 1);
        c.modelHash = 0;
        refuseField(c, "modelHash");
        c = limit(1, 1);
        c.paramsHash = 0;
        refuseField(c, "paramsHash");
        refuse(limit(0, 1), CreditBook.Stale.selector); // a sequence starts at 1
    }

    function test_hostile_14_rates_and_amounts_out_of_bounds() public {
        LimitBook.Limit memory c = limit(1, 1);
        c.imPpm = bounds().minImPpm - 1;
        refuseField(c, "imPpm");
        c.imPpm = bounds().maxImPpm + 1;
        refuseField(c, "imPpm");
        c = limit(1, bounds().maxNotional + 1);
        refuseField(c, "maxNotional");
        c = limit(1, 1);
        c.credit = bounds().maxCredit + 1;
        refuseField(c, "credit");
    }

    function refuseField(LimitBook.Limit memory certificate, string memory field) internal {
        bytes[] memory list = signed(certificate);
        vm.expectRevert(abi.encodeWithSelector(CreditBook.OutOfBounds.selector, field));
        book.accept(certificate, list);
    }

    function test_hostile_15_a_thousand_times_too_large() public {
        accept(limit(1, 500e18));
        refuse(limit(2, 500_000e18), LimitBook.RaiseTooLarge.selector);
        equal(book.limitOf(alice, venue, market).maxNotional, 500e18, "refused whole, not trimmed");
    }

    function test_hostile_16_old_epoch() public {
        LimitBook.Limit memory certificate = limit(1, 1);
        accept(limit(1, 1));
        vm.prank(guardian);
        book.bumpEpoch();
        certificate.sequence = 2;
        refuse(certificate, SignerSet.WrongEpoch.selector);
        holds(!book.limitOf(alice, venue, market).live, "what was accepted is revoked too");
        accept(limit(2, 1)); // of the new epoch
        holds(book.limitOf(alice, venue, market).live, "live again");
    }

    function testFuzz_hostile_tampered(uint256 field, uint256 change) public {
        LimitBook.Limit memory c = limit(1, 10);
        bytes[] memory list = signed(c);
        field = bound(field, 0, 8);
        uint64 by = uint64(bound(change, 1, 200));
        if (field == 0) c.participantId = keccak256(abi.encode(c.participantId, change));
        if (field == 1) c.account = address(uint160(uint256(keccak256(abi.encode(change)))));
        if (field == 2) c.venue = address(uint160(uint256(keccak256(abi.encode(change)))));
        if (field == 3) c.market = keccak256(abi.encode(change));
        if (field == 4) c.maxNotional += by;
        if (field == 5) c.credit += by;
        if (field == 6) c.imPpm -= uint32(by);
        if (field == 7) c.sequence += by;
        if (field == 8) c.inputsHash = keccak256(abi.encode(change));
        try book.accept(c, list) {
            holds(false, "a tampered certificate was accepted");
        } catch (bytes memory reason) {
            bytes4 selector = bytes4(reason);
            holds(
                selector == SignerSet.BadSigner.selector || selector == SignerSet.SignersNotSorted.selector,
                "refused for its signer"
            );
        }
    }
}
